#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "vivace/error.hpp"

namespace vivace::library {

/// What SQLite reported about the library `path`, in the house's words. Call it where the exception is caught.
Error library_error(const SQLite::Exception& exception, const std::string& path);

/// The database of a music library: SQLite in WAL mode with the tables of docs/library.md. Several processes may have
/// it open and write to it. Not thread-safe.
class Database {
 public:
  enum class Access {
    write,   ///< made where it is absent, brought to this schema
    change,  ///< must be there, brought to this schema
    read,    ///< must be there
  };

  /// `patience` is how long others may keep it locked. Throws Error: not_found, invalid_argument (another program's
  /// database), unsupported (of a newer vivace), corrupt_data, unavailable (cannot be opened or written, in use),
  /// resource_exhausted (disk full).
  Database(const std::filesystem::path& path, Access access,
           std::chrono::milliseconds patience = std::chrono::seconds(60));

  const std::string& path() const { return path_; }
  SQLite::Database& connection() { return *connection_; }

  /// Calls `action` and turns what SQLite throws into Error, as the constructor does.
  template <typename Action>
  decltype(auto) run(const Action& action) {
    try {
      return action();
    } catch (const SQLite::Exception& exception) {
      throw library_error(exception, path_);
    }
  }

  /// Calls `action` in a transaction that nobody else can write beside; all of it happens, or nothing.
  template <typename Action>
  void transaction(const Action& action) {
    run([&] {
      SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
      action();
      transaction.commit();
    });
  }

  /// A statement that is kept for the next time, reset. Throws SQLite::Exception.
  SQLite::Statement& prepared(const std::string& sql);

 private:
  void open(Access access, std::chrono::milliseconds patience);
  void open_unwritable(std::chrono::milliseconds patience);

  std::string path_;
  std::optional<SQLite::Database> connection_;
  std::map<std::string, SQLite::Statement> statements_;
};

}  // namespace vivace::library
