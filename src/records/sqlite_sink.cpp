#include "records/sqlite_sink.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "records/schema.hpp"
#include "records/sqlite_error.hpp"
#include "records/sqlite_log.hpp"
#include "records/sqlite_table.hpp"
#include "vivace/error.hpp"

namespace vivace::records {
namespace {

using Clock = std::chrono::steady_clock;

// When records are committed: at latest with the first one that comes this long after the last commit.
constexpr std::size_t kBatchRecords = 64;
constexpr std::size_t kBatchBytes = std::size_t{16} * 1024 * 1024;
constexpr Clock::duration kBatchAge = std::chrono::seconds(2);

/// How long a sink waits for what other processes write.
constexpr std::chrono::milliseconds kPatience{30'000};

/// An open database that reports errors as vivace::Error.
class Connection {
 public:
  /// An absolute name is never taken for a URI or for SQLite's special names.
  Connection(const std::filesystem::path& path, int flags) : path_(path.string()) {
    run([&] {
      database_.emplace(std::filesystem::absolute(path).string(), flags, static_cast<int>(kPatience.count()));
    });
  }

  template <typename Action>
  void run(const Action& action) {
    try {
      action();
    } catch (const SQLite::Exception& exception) {
      throw to_error(exception, path_);
    }
  }

  SQLite::Database& database() { return *database_; }

 private:
  std::string path_;
  std::optional<SQLite::Database> database_;
};

/// Collects records and writes them in one transaction, so that the database is never locked while others wait for the
/// next record.
class SqliteSink : public Sink {
 public:
  explicit SqliteSink(SinkOptions options)
      : connection_(options.path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE),
        table_(connection_.database(), options.table, std::move(options.schema), std::move(options.key_fields)) {
    connection_.run([&] {
      if (options.keep && !table_.has_same_fields()) {
        throw Error(ErrorCode::invalid_argument, options.path.string(),
                    "holds other fields than would be written to it; write to another file");
      }
      use_write_ahead_log(connection_.database(), kPatience);
      connection_.database().exec("PRAGMA synchronous = NORMAL");
      SQLite::Transaction transaction(connection_.database(), SQLite::TransactionBehavior::IMMEDIATE);
      table_.create();
      transaction.commit();
    });
  }

  ~SqliteSink() override {
    try {
      commit();
    } catch (const Error&) {  // whoever ends without `finish` has no ear for it
    }
  }

  void write(const Record& record) override {
    pending_.push_back(record);
    pending_bytes_ += vector_bytes(record);
    const bool due = pending_.size() >= kBatchRecords || pending_bytes_ >= kBatchBytes;
    if (due || Clock::now() - last_commit_ >= kBatchAge) commit();
  }

  void finish() override { commit(); }

 private:
  void commit() {
    if (pending_.empty()) return;
    connection_.run([&] {
      SQLite::Transaction transaction(connection_.database(), SQLite::TransactionBehavior::IMMEDIATE);
      for (const Record& record : pending_) table_.put(record);
      transaction.commit();
    });
    pending_.clear();
    pending_bytes_ = 0;
    last_commit_ = Clock::now();
  }

  Connection connection_;
  SqliteTable table_;
  std::vector<Record> pending_;
  std::size_t pending_bytes_ = 0;
  Clock::time_point last_commit_ = Clock::now();
};

/// Selects the key fields and the status of every row. The table's name before a column keeps SQLite from taking the
/// name of a column that is absent for a text.
std::string select_statement(const std::vector<std::string>& key_fields, const std::string& table, bool has_status) {
  const std::string from = quoted_identifier(table);
  std::string columns;
  for (const std::string& name : key_fields) columns += fmt::format("{}.{}, ", from, quoted_identifier(name));
  columns += has_status ? fmt::format("{}.{}", from, quoted_identifier(kStatusField)) : "NULL";
  return fmt::format("SELECT {} FROM {}", columns, from);
}

std::vector<ExistingRecord> read_rows(SQLite::Database& database, const std::vector<std::string>& key_fields,
                                      const std::string& table) {
  const bool has_status = has_column(database, table, kStatusField);
  SQLite::Statement rows(database, select_statement(key_fields, table, has_status));
  const int keys = static_cast<int>(key_fields.size());
  std::vector<ExistingRecord> records;
  while (rows.executeStep()) {
    ExistingRecord& record = records.emplace_back();
    for (int i = 0; i < keys; ++i) record.key.push_back(rows.getColumn(i).getString());
    record.failed = rows.getColumn(keys).getString() == kFailedStatus;
  }
  return records;
}

}  // namespace

std::unique_ptr<Sink> open_sqlite_sink(SinkOptions options) { return std::make_unique<SqliteSink>(std::move(options)); }

std::string sqlite_version() { return SQLite::getLibVersion(); }

std::vector<ExistingRecord> read_sqlite(const std::filesystem::path& path, const std::vector<std::string>& key_fields,
                                        const std::string& table) {
  std::error_code status;
  if (!std::filesystem::is_regular_file(path, status)) return {};
  std::vector<ExistingRecord> records;
  // A read-only connection would leave the files of the write-ahead log behind.
  Connection connection(path, SQLite::OPEN_READWRITE);
  connection.run([&] {
    if (connection.database().tableExists(table)) records = read_rows(connection.database(), key_fields, table);
  });
  return records;
}

}  // namespace vivace::records
