#include "records/sqlite_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>

namespace vivace::records {
namespace {

/// SQLite calls a full disk an input/output error unless the system said ENOSPC, and does not say what it said; errno
/// does.
bool disk_is_full(int code) {
  if (code == SQLITE_FULL) return true;
  return code == SQLITE_IOERR && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG);
}

}  // namespace

Error to_error(const SQLite::Exception& exception, const std::string& path) {
  const int code = exception.getErrorCode() & 0xFF;
  const char* reason = exception.what();
  if (disk_is_full(code)) {
    return Error(ErrorCode::resource_exhausted, path, "cannot be written: the disk or the file size limit is full");
  }
  switch (code) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return Error(ErrorCode::corrupt_data, path,
                   fmt::format("is no intact SQLite database ({}); restore it or write to another file", reason));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(ErrorCode::unavailable, path, "is in use by another process; try again when it has ended");
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return Error(ErrorCode::resource_exhausted, path, reason);
    case SQLITE_ERROR:
      return Error(ErrorCode::invalid_argument, path,
                   fmt::format("does not fit these records ({}); write to another file", reason));
    default: return Error(ErrorCode::unavailable, path, fmt::format("cannot be used: {}", reason));
  }
}

}  // namespace vivace::records
