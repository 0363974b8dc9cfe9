#include "records/support.hpp"

namespace vivace::records {
namespace {

TEST(ParquetSink, IsUnavailableWithoutItsLibrary) {
  const test_support::TemporaryFolder folder;
  const Error error = testing::error_of([&] { open_sink("parquet", {folder / "o", testing::full_schema(), {}, {}}); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_NE(error.message().find("build vivace with Arrow"), std::string::npos) << error.message();
}

}  // namespace
}  // namespace vivace::records
