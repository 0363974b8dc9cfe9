// Linked with a copy of the library that has no Parquet module beside it.

#include "records/parquet_module.hpp"
#include "records/samples.hpp"
#include "support/sanitizers.hpp"

namespace vivace::records {
namespace {

TEST(WithoutTheParquetModule, ParquetIsUnavailableAndSaysWhatToDo) {
  if (test::kSanitized) GTEST_SKIP() << "a sanitizer loads libraries from the program's folders too";
  const test::TemporaryFolder folder;
  EXPECT_FALSE(parquet_available());
  const std::string message = test::expect_error(ErrorCode::unavailable, [&] {
    open_sink("parquet", {folder / "o", test::full_schema(), {}, {}});
  });
  test::expect_contains(message, "build vivace with Arrow or write csv, jsonl, npy or db");
  EXPECT_TRUE(folder.names().empty());
}

class FormatWithoutTheParquetModule : public ::testing::TestWithParam<std::string> {};

TEST_P(FormatWithoutTheParquetModule, IsWritten) {
  const test::TemporaryFolder folder;
  test::write_all(GetParam(), {folder / "o", test::full_schema(), {"path"}, {}}, {test::full_record()});
  EXPECT_GT(std::filesystem::file_size(folder / "o"), 0U);
}

INSTANTIATE_TEST_SUITE_P(Other, FormatWithoutTheParquetModule, ::testing::Values("csv", "jsonl", "npy", "db"));

}  // namespace
}  // namespace vivace::records
