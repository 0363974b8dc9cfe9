#include <random>

#include "records/samples.hpp"
#include "support/file_size_limit.hpp"

namespace vivace::records {
namespace {

using test::FileSizeLimit;
using test::TemporaryFolder;

const Schema kSchema = {{"path", FieldType::text}, {"v", FieldType::vector}};

/// Different numbers, so that no compression makes them small.
Record record(int i) {
  std::minstd_rand random(static_cast<unsigned>(i + 1));
  std::vector<float> numbers(1000);
  for (float& number : numbers) number = static_cast<float>(random());
  return {std::to_string(i), numbers};
}

void write_many(const std::string& format, const std::filesystem::path& path) {
  const auto sink = open_sink(format, {path, kSchema, {"path"}, {}});
  for (int i = 0; i < 3000; ++i) sink->write(record(i));
  sink->finish();
}

class FullDisk : public ::testing::TestWithParam<std::string> {};

TEST_P(FullDisk, IsResourceExhausted) {
  const TemporaryFolder folder;
  const FileSizeLimit limit(200'000);
  test::expect_error(ErrorCode::resource_exhausted, [&] { write_many(GetParam(), folder / "o"); });
}

#ifdef VIVACE_WITH_ARROW
INSTANTIATE_TEST_SUITE_P(Formats, FullDisk, ::testing::Values("csv", "jsonl", "npy", "db", "parquet"));
#else
INSTANTIATE_TEST_SUITE_P(Formats, FullDisk, ::testing::Values("csv", "jsonl", "npy", "db"));
#endif

class FullDevice : public ::testing::TestWithParam<std::string> {};

TEST_P(FullDevice, IsResourceExhausted) {
  test::expect_error(ErrorCode::resource_exhausted, [] { write_many(GetParam(), "/dev/full"); });
}

INSTANTIATE_TEST_SUITE_P(Formats, FullDevice, ::testing::Values("csv", "jsonl"));

class AfterAFullDisk : public ::testing::TestWithParam<std::string> {};

TEST_P(AfterAFullDisk, TheRunIsGoneOnWith) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "o";
  {
    const FileSizeLimit limit(200'000);
    test::expect_error(ErrorCode::resource_exhausted, [&] { write_many(GetParam(), path); });
  }
  const std::size_t held = read_existing(GetParam(), path, {"path"}).size();
  EXPECT_GT(held, 10U);
  const auto sink = open_sink(GetParam(), {path, kSchema, {"path"}, test::keep_all});
  for (int i = static_cast<int>(held); i < 100; ++i) sink->write(record(i));
  sink->finish();
  EXPECT_EQ(read_existing(GetParam(), path, {"path"}).size(), 100U);
  EXPECT_EQ(folder.names(), std::set<std::string>{"o"});
}

INSTANTIATE_TEST_SUITE_P(Formats, AfterAFullDisk, ::testing::Values("csv", "jsonl"));

TEST(AfterAFullDisk, ATornFileCannotBeFinished) {
  const TemporaryFolder folder;
  const auto sink = open_sink("csv", {folder / "o", kSchema, {"path"}, {}});
  {
    const FileSizeLimit limit(5'000);
    test::expect_error(ErrorCode::resource_exhausted, [&] { sink->write(record(0)); });
  }
  test::expect_error(ErrorCode::unavailable, [&] { sink->write(record(1)); });
  test::expect_error(ErrorCode::unavailable, [&] { sink->finish(); });
}

}  // namespace
}  // namespace vivace::records
