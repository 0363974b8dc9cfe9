#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstring>
#include <future>

#include "records/samples.hpp"
#include "support/child_process.hpp"

namespace vivace::records {
namespace {

using test::expect_error;
using test::TemporaryFolder;

const Schema kSchema = {{"path", FieldType::text}, {"status", FieldType::text}, {"n", FieldType::integer}};

Record record(const std::string& path, std::int64_t n, const std::string& status = "done") { return {path, status, n}; }

SinkOptions options(const std::filesystem::path& path, const Schema& schema = kSchema) {
  return {path, schema, {"path"}, {}};
}

/// The first column of the first row.
template <typename Value>
Value query(const std::filesystem::path& path, const std::string& sql) {
  SQLite::Database database(path.string());
  return database.execAndGet(sql);
}

class SqlitePath : public ::testing::TestWithParam<std::string> {};

TEST_P(SqlitePath, IsTakenLiterally) {
  const TemporaryFolder folder;
  test::write_all("db", options(folder / GetParam()), {record("a", 1)});
  EXPECT_EQ(folder.names(), std::set<std::string>{GetParam()});
  EXPECT_EQ(read_existing("db", folder / GetParam(), {"path"}).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Cases, SqlitePath,
                         ::testing::Values("o.db", "a b?mode=ro#c%20.db", "file:o.db", ":memory:", "é '\".db"));

TEST(SqliteSink, StoresEveryTypeInItsColumn) {
  const TemporaryFolder folder;
  test::write_all("db", options(folder / "o.db", test::full_schema()), {test::full_record(), test::failed_record("b")});
  SQLite::Database database((folder / "o.db").string());
  SQLite::Statement rows(database, "SELECT * FROM tracks");
  ASSERT_TRUE(rows.executeStep());
  EXPECT_EQ(rows.getColumn("path").getString(), test::kHardText);
  EXPECT_EQ(rows.getColumn("silent").getInt(), 1);
  EXPECT_EQ(rows.getColumn("samples").getInt64(), -9007199254740993);
  EXPECT_EQ(rows.getColumn("rate").getDouble(), 44100.5);
  const SQLite::Column floats = rows.getColumn("embedding");
  ASSERT_EQ(floats.getBytes(), 16);
  EXPECT_EQ(std::memcmp(floats.getBlob(), test::kHardFloats.data(), 16), 0);
  EXPECT_EQ(rows.getColumn("embeddings").getBytes(), 16);
  EXPECT_EQ(rows.getColumn("tags").getString(), R"({"drum \"n\" bass":0.25,"jazz":0.1})");
  EXPECT_TRUE(rows.getColumn("error.code").isNull());
  ASSERT_TRUE(rows.executeStep());
  EXPECT_EQ(rows.getColumn("error.message").getString(), "not \"audio\"\nat all");
  EXPECT_TRUE(rows.getColumn("embedding").isNull());
}

TEST(SqliteSink, KeepsEmptyApartFromNull) {
  const TemporaryFolder folder;
  const Schema schema = {{"path", FieldType::text}, {"v", FieldType::vector}, {"t", FieldType::text}};
  test::write_all("db", options(folder / "o.db", schema), {{std::string(), std::vector<float>{}, std::string()}});
  EXPECT_EQ(query<std::string>(folder / "o.db", "SELECT typeof(path) || typeof(v) || typeof(t) FROM tracks"),
            "textblobtext");
}

TEST(SqliteSink, DescribesTheFields) {
  const TemporaryFolder folder;
  test::write_all("db", options(folder / "o.db", test::full_schema()), {});
  EXPECT_EQ(query<std::string>(folder / "o.db",
                               "SELECT table_name || '/' || type || '/' || unit || '/' || size || '/' || description "
                               "FROM fields WHERE name = 'rate'"),
            "tracks/number/Hz/0/sampling rate");
}

TEST(SqliteSink, ReplacesTheRecordWithTheSameKey) {
  const TemporaryFolder folder;
  test::write_all("db", options(folder / "o.db"), {record("a", 1), record("b", 2), record("a", 3)});
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT count(*) FROM tracks"), 2);
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT n FROM tracks WHERE path = 'a'"), 3);
}

TEST(SqliteSink, AddsColumnsAndKeepsWhatIsThere) {
  const TemporaryFolder folder;
  test::write_all("db", options(folder / "o.db"), {record("a", 1), record("b", 2)});
  const Schema wider = {{"path", FieldType::text}, {"tempo", FieldType::number}, {"error", FieldType::failure}};
  test::write_all("db", options(folder / "o.db", wider), {{std::string("a"), 120.5, Failure{"x", "y"}}});
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT n FROM tracks WHERE path = 'a'"), 1);
  EXPECT_EQ(query<double>(folder / "o.db", "SELECT tempo FROM tracks WHERE path = 'a'"), 120.5);
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT count(*) FROM tracks WHERE tempo IS NULL"), 1);
}

TEST(SqliteSink, QuotesAnyName) {
  const TemporaryFolder folder;
  const Schema schema = {{"a \"key\"; --", FieldType::text}, {"select", FieldType::integer}};
  SinkOptions odd = {folder / "o.db", schema, {"a \"key\"; --"}, {}};
  odd.table = "my \"table\"";
  test::write_all("db", odd, {{std::string("x"), std::int64_t{1}}, {std::string("x"), std::int64_t{2}}});
  const auto records = read_existing("db", folder / "o.db", {"a \"key\"; --"}, odd.table);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, std::vector<std::string>{"x"});
}

TEST(SqliteSink, HandsOverABatchBeforeItsEnd) {
  const TemporaryFolder folder;
  const auto sink = open_sink("db", options(folder / "o.db"));
  for (int i = 0; i < 100; ++i) sink->write(record(std::to_string(i), i));
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT count(*) FROM tracks"), 64);
  sink->finish();
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT count(*) FROM tracks"), 100);
}

TEST(SqliteSink, KeepsWhatWasWrittenWithoutFinish) {
  const TemporaryFolder folder;
  open_sink("db", options(folder / "o.db"))->write(record("a", 1));
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT count(*) FROM tracks"), 1);
}

TEST(SqliteSink, IsSharedByProcesses) {
  const TemporaryFolder folder;
  std::vector<pid_t> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.push_back(test::start_process([&] {
      const auto sink = open_sink("db", options(folder / "o.db"));
      for (int i = 0; i < 200; ++i) sink->write(record(std::to_string(writer * 200 + i), i));
      sink->finish();
    }));
  }
  for (const pid_t writer : writers) EXPECT_EQ(test::wait_for(writer), 0);
  EXPECT_EQ(query<int>(folder / "o.db", "SELECT count(*) FROM tracks"), 800);
}

TEST(SqliteSink, WaitsForReadersOfANewDatabase) {
  const TemporaryFolder folder;
  SQLite::Database reader((folder / "o.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  reader.exec("CREATE TABLE others (id INTEGER PRIMARY KEY); BEGIN; SELECT count(*) FROM others");
  auto opened = std::async(std::launch::async, [&] { return open_sink("db", options(folder / "o.db")); });
  EXPECT_EQ(opened.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  reader.exec("COMMIT");
  opened.get()->finish();
  EXPECT_EQ(query<std::string>(folder / "o.db", "PRAGMA journal_mode"), "wal");
}

TEST(SqliteSink, RefusesATableOfAnotherKind) {
  const TemporaryFolder folder;
  SQLite::Database((folder / "o.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE tracks (id INTEGER PRIMARY KEY)");
  expect_error(ErrorCode::invalid_argument, [&] { open_sink("db", options(folder / "o.db")); });
  expect_error(ErrorCode::invalid_argument, [&] { read_existing("db", folder / "o.db", {"path"}); });
}

TEST(SqliteSink, LeavesWhatIsNoDatabaseAlone) {
  const TemporaryFolder folder;
  const std::string text = "this is a letter to a friend, and no database at all: it is only long enough to be one.";
  test::write_text(folder / "o.db", text);
  expect_error(ErrorCode::corrupt_data, [&] { open_sink("db", options(folder / "o.db")); });
  expect_error(ErrorCode::corrupt_data, [&] { read_existing("db", folder / "o.db", {"path"}); });
  EXPECT_EQ(test::read_text(folder / "o.db"), text);
}

TEST(SqliteSink, SaysWhereTheFolderIsMissing) {
  const TemporaryFolder folder;
  const Error error = test::error_of([&] { open_sink("db", options(folder / "no/o.db")); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_EQ(error.context(), (folder / "no/o.db").string());
}

TEST(SqliteReading, TellsKeysAndFailures) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_existing("db", folder / "o.db", {"path"}).empty());
  test::write_all("db", options(folder / "o.db"), {record("a", 1), record("b", 2, "failed")});
  const auto records = read_existing("db", folder / "o.db", {"path"});
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, std::vector<std::string>{"a"});
  EXPECT_FALSE(records[0].failed);
  EXPECT_TRUE(records[1].failed);
  EXPECT_TRUE(read_existing("db", folder / "o.db", {"path"}, "other").empty());
}

}  // namespace
}  // namespace vivace::records
