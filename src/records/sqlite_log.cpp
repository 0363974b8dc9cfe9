#include "records/sqlite_log.hpp"

#include <SQLiteCpp/Column.h>
#include <sqlite3.h>

#include <thread>

namespace vivace::records {
namespace {

constexpr int kPrimaryCode = 0xFF;
constexpr std::chrono::milliseconds kPause{10};

}  // namespace

void use_write_ahead_log(SQLite::Database& database, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    try {
      if (database.execAndGet("PRAGMA journal_mode").getString() != "wal") database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception& exception) {
      const bool busy = (exception.getErrorCode() & kPrimaryCode) == SQLITE_BUSY;
      if (!busy || std::chrono::steady_clock::now() >= deadline) throw;
      std::this_thread::sleep_for(kPause);
    }
  }
}

}  // namespace vivace::records
