#include "records/sink.hpp"

#include "records/samples.hpp"

namespace vivace::records {
namespace {

using test::error_of;
using test::expect_error;
using test::keep_all;
using test::TemporaryFolder;

const Schema kSchema = {{"path", FieldType::text}, {"v", FieldType::vector, 2}};

struct Extension {
  std::string path;
  std::string format;
};

class FormatOf : public ::testing::TestWithParam<Extension> {};

TEST_P(FormatOf, FollowsTheExtension) { EXPECT_EQ(format_of(GetParam().path), GetParam().format); }

INSTANTIATE_TEST_SUITE_P(Cases, FormatOf,
                         ::testing::Values(Extension{"a.csv", "csv"}, Extension{"a.b/c.jsonl", "jsonl"},
                                           Extension{"a.ndjson", "jsonl"}, Extension{"a.npy", "npy"},
                                           Extension{"a.parquet", "parquet"}, Extension{"a.db", "db"},
                                           Extension{"a.sqlite", "db"}, Extension{"A.CSV", "csv"},
                                           Extension{"a.txt", ""}, Extension{"a.csv/b", ""}, Extension{"-", ""},
                                           Extension{"", ""}, Extension{".csv", ""}));

TEST(OpenSink, NamesTheKnownFormats) {
  EXPECT_EQ(expect_error(ErrorCode::invalid_argument,
                         [] {
                           open_sink("xml", {"o.xml", kSchema, {}, {}});
                         }),
            "format 'xml': is not known; known are csv, jsonl, npy, parquet, db");
}

TEST(OpenSink, RefusesABadSchema) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::invalid_argument, [&] { open_sink("csv", {folder / "o", kSchema, {"nothing"}, {}}); });
  EXPECT_TRUE(folder.names().empty());
}

TEST(OpenSink, SaysWhereTheFolderIsMissing) {
  const TemporaryFolder folder;
  const Error error = error_of([&] { open_sink("csv", {folder / "no/o.csv", kSchema, {}, {}}); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_EQ(error.context(), (folder / "no/o.csv").string());
}

class WholeFormat : public ::testing::TestWithParam<std::string> {};

TEST_P(WholeFormat, DoesNotGoToStandardOutput) {
  expect_error(ErrorCode::invalid_argument, [] { open_sink(GetParam(), {"-", kSchema, {}, {}}); });
}

INSTANTIATE_TEST_SUITE_P(Formats, WholeFormat, ::testing::Values("npy", "parquet", "db"));

class NotContinued : public ::testing::TestWithParam<std::string> {};

TEST_P(NotContinued, IsUnsupportedWhereThereIsSuchAFile) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_existing(GetParam(), folder / "o", {"path"}).empty());
  test::write_text(folder / "o", "x");
  expect_error(ErrorCode::unsupported, [&] { read_existing(GetParam(), folder / "o", {"path"}); });
  expect_error(ErrorCode::unsupported, [&] { open_sink(GetParam(), {folder / "o", kSchema, {"path"}, keep_all}); });
}

INSTANTIATE_TEST_SUITE_P(Formats, NotContinued, ::testing::Values("npy", "parquet"));

TEST(Continuing, NeedsKeyFields) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::invalid_argument, [&] { open_sink("csv", {folder / "o", kSchema, {}, keep_all}); });
}

class AnySink : public ::testing::TestWithParam<std::string> {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "o";
  std::unique_ptr<Sink> sink_ = open_sink(GetParam(), {path_, kSchema, {"path"}, {}});
};

#ifdef VIVACE_WITH_ARROW
INSTANTIATE_TEST_SUITE_P(Formats, AnySink, ::testing::Values("csv", "jsonl", "npy", "db", "parquet"));
#else
INSTANTIATE_TEST_SUITE_P(Formats, AnySink, ::testing::Values("csv", "jsonl", "npy", "db"));
#endif

TEST_P(AnySink, RefusesWhatDoesNotFitAndGoesOn) {
  expect_error(ErrorCode::invalid_argument, [&] { sink_->write({std::string("a")}); });
  expect_error(ErrorCode::invalid_argument, [&] { sink_->write({std::string("a"), std::vector<float>{1}}); });
  expect_error(ErrorCode::invalid_argument, [&] { sink_->write({{}, std::vector<float>{1, 2}}); });
  sink_->write({std::string("a"), std::vector<float>{1, 2}});
  EXPECT_NO_THROW(sink_->finish());
}

TEST_P(AnySink, IsOverAfterFinish) {
  sink_->finish();
  EXPECT_TRUE(std::filesystem::exists(path_));
  expect_error(ErrorCode::internal, [&] { sink_->write({std::string("a"), {}}); });
  expect_error(ErrorCode::internal, [&] { sink_->finish(); });
}

}  // namespace
}  // namespace vivace::records
