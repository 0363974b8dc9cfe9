#pragma once

#include <string>

#include "vivace/log.hpp"

namespace vivace::base {

using vivace::LogLevel;

/// Hands a message to the program's handler. Thread-safe.
void log(LogLevel level, const std::string& message);

}  // namespace vivace::base
