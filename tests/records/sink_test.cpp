#include "records/sink.hpp"

#include "records/support.hpp"

namespace vivace::records {
namespace {

using test_support::TemporaryFolder;
using testing::code_of;
using testing::error_of;

const Schema kSchema = {{"path", FieldType::text}, {"v", FieldType::vector, 2}};

bool keep_all(const ExistingRecord&) { return true; }

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
  const Error error = error_of([] { open_sink("xml", {"o.xml", kSchema, {}, {}}); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_STREQ(error.what(), "format 'xml': is not known; known are csv, jsonl, npy, parquet, db");
}

TEST(OpenSink, RefusesABadSchema) {
  const TemporaryFolder folder;
  EXPECT_EQ(code_of([&] { open_sink("csv", {folder / "o", kSchema, {"nothing"}, {}}); }), ErrorCode::invalid_argument);
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
  EXPECT_EQ(code_of([] { open_sink(GetParam(), {"-", kSchema, {}, {}}); }), ErrorCode::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Formats, WholeFormat, ::testing::Values("npy", "parquet", "db"));

class NotContinued : public ::testing::TestWithParam<std::string> {};

TEST_P(NotContinued, IsUnsupportedWhereThereIsSuchAFile) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_existing(GetParam(), folder / "o", {"path"}).empty());
  testing::write_text(folder / "o", "x");
  EXPECT_EQ(code_of([&] { read_existing(GetParam(), folder / "o", {"path"}); }), ErrorCode::unsupported);
  EXPECT_EQ(code_of([&] {
              open_sink(GetParam(), {folder / "o", kSchema, {"path"}, keep_all});
            }),
            ErrorCode::unsupported);
}

INSTANTIATE_TEST_SUITE_P(Formats, NotContinued, ::testing::Values("npy", "parquet"));

TEST(Continuing, NeedsKeyFields) {
  const TemporaryFolder folder;
  EXPECT_EQ(code_of([&] { open_sink("csv", {folder / "o", kSchema, {}, keep_all}); }), ErrorCode::invalid_argument);
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
  EXPECT_EQ(code_of([&] { sink_->write({std::string("a")}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { sink_->write({std::string("a"), std::vector<float>{1}}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { sink_->write({{}, std::vector<float>{1, 2}}); }), ErrorCode::invalid_argument);
  sink_->write({std::string("a"), std::vector<float>{1, 2}});
  EXPECT_NO_THROW(sink_->finish());
}

TEST_P(AnySink, IsOverAfterFinish) {
  sink_->finish();
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_EQ(code_of([&] { sink_->write({std::string("a"), {}}); }), ErrorCode::internal);
  EXPECT_EQ(code_of([&] { sink_->finish(); }), ErrorCode::internal);
}

}  // namespace
}  // namespace vivace::records
