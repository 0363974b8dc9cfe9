#include <array>
#include <vector>

#include "records/npz_file.hpp"
#include "records/samples.hpp"
#include "runtime/numpy_file.hpp"

namespace vivace::records {
namespace {

using test::TemporaryFolder;

TEST(NpzFile, HoldsWhatWasAdded) {
  const TemporaryFolder folder;
  std::vector<float> large(1'000'000);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<float>(i) / 3;
  NpzFile file(folder / "a.npz");
  file.add("hard", std::array<std::uint64_t, 2>{2, 2}, test::kHardFloats);
  file.add("large é", std::array<std::uint64_t, 1>{large.size()}, large);
  file.add("none", std::array<std::uint64_t, 2>{0, 7}, {});
  file.add("step", 1.0 / 3);
  file.finish();

  const auto arrays = runtime::read_arrays(folder / "a.npz");
  ASSERT_EQ(arrays.size(), 4U);
  const auto numbers = [&](const char* name) {
    const auto values = arrays.at(name).values<float>();
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_EQ(arrays.at("hard").shape(), (Shape{2, 2}));
  EXPECT_EQ(numbers("hard"), test::kHardFloats);
  EXPECT_EQ(numbers("large é"), large);
  EXPECT_EQ(arrays.at("none").shape(), (Shape{0, 7}));
  EXPECT_EQ(arrays.at("step").shape(), Shape{});
  EXPECT_EQ(arrays.at("step").values<double>().front(), 1.0 / 3);
}

TEST(NpzFile, IsCompressed) {
  const TemporaryFolder folder;
  const std::vector<float> zeros(1'000'000);
  NpzFile file(folder / "a.npz");
  file.add("zeros", std::array<std::uint64_t, 1>{zeros.size()}, zeros);
  file.finish();
  EXPECT_LT(std::filesystem::file_size(folder / "a.npz"), 100'000U);
}

TEST(NpzFile, AppearsOnlyWhenItIsFinished) {
  const TemporaryFolder folder;
  {
    NpzFile file(folder / "a.npz");
    file.add("step", 1);
    EXPECT_FALSE(std::filesystem::exists(folder / "a.npz"));
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(NpzFile, SaysWhereTheFolderIsMissing) {
  const TemporaryFolder folder;
  test::expect_error(ErrorCode::unavailable, [&] { NpzFile(folder / "no/a.npz"); });
}

}  // namespace
}  // namespace vivace::records
