#pragma once

#include <SQLiteCpp/Exception.h>

#include <string>

#include "vivace/error.hpp"

namespace vivace::records {

/// What SQLite reported about the database `path`, in the house's words. Call it where the exception is caught: it
/// looks at errno.
Error to_error(const SQLite::Exception& exception, const std::string& path);

}  // namespace vivace::records
