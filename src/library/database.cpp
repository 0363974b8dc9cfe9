#include "library/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "library/schema.hpp"
#include "records/sqlite_error.hpp"
#include "records/sqlite_log.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

constexpr int kPrimaryCode = 0xFF;

}  // namespace

Error library_error(const SQLite::Exception& exception, const std::string& path) {
  switch (exception.getErrorCode() & kPrimaryCode) {
    case SQLITE_READONLY:
      return Error(ErrorCode::unavailable, path, "is read-only; make it and its folder writable, then go on");
    case SQLITE_CANTOPEN:
      return Error(ErrorCode::unavailable, path, "cannot be opened; is its folder there, and may it be written?");
    case SQLITE_ERROR:
      return Error(ErrorCode::internal, path,
                   fmt::format("does not take a statement ({}); 'vivace library verify' says whether it is intact",
                               exception.what()));
    case SQLITE_CONSTRAINT:
      return Error(ErrorCode::corrupt_data, path,
                   fmt::format("is no intact library ({}); 'vivace library verify' says more", exception.what()));
    default: return records::to_error(exception, path);
  }
}

Database::Database(const fs::path& path, Access access, std::chrono::milliseconds patience) : path_(path.string()) {
  std::error_code status;
  if (access != Access::write && !fs::is_regular_file(path, status)) {
    throw Error(fs::exists(path, status) ? ErrorCode::invalid_argument : ErrorCode::not_found, path_,
                "there is no such library; 'vivace analyze' makes one");
  }
  run([&] { open(access, patience); });
}

/// An absolute name is never taken for a URI or for SQLite's special names.
void Database::open(Access access, std::chrono::milliseconds patience) {
  const std::string name = fs::absolute(path_).string();
  const int flags = SQLite::OPEN_READWRITE | (access == Access::write ? SQLite::OPEN_CREATE : 0);
  connection_.emplace(name, flags, static_cast<int>(patience.count()));
  const bool unwritable = sqlite3_db_readonly(connection_->getHandle(), "main") == 1;
  if (access == Access::read) {
    if (unwritable) open_unwritable(patience);
    return check_schema(*this);
  }
  if (unwritable) throw SQLite::Exception("read-only", SQLITE_READONLY);
  const bool is_new = is_empty(*this);
  if (!is_new) check_schema(*this);  // before anything of a foreign database is touched
  records::use_write_ahead_log(*connection_, patience);
  connection_->exec("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
  if (!is_new) return update_schema(*this);
  make_schema(*this);
  check_schema(*this);
}

/// Reading through a write-ahead log needs to write beside it; a library that nobody can change is read without.
void Database::open_unwritable(std::chrono::milliseconds patience) {
  std::error_code status;
  if (fs::exists(path_ + "-wal", status)) return;
  std::string uri = "file:";
  for (const unsigned char c : fs::absolute(path_).string()) {
    const bool plain = c == '/' || c == '.' || c == '-' || c == '_' || (std::isalnum(c) != 0);
    uri += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  connection_.reset();
  connection_.emplace(uri + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI,
                      static_cast<int>(patience.count()));
}

SQLite::Statement& Database::prepared(const std::string& sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    found = statements_
                .emplace(std::piecewise_construct, std::forward_as_tuple(sql), std::forward_as_tuple(*connection_, sql))
                .first;
  } else {
    found->second.tryReset();
    found->second.clearBindings();
  }
  return found->second;
}

}  // namespace vivace::library
