#pragma once

#include <functional>
#include <string>

namespace vivace::base {

enum class LogLevel { debug, info, warning };

/// Where messages go: nowhere until a program sets a handler. The handler may be called from any thread, one call at a
/// time.
using LogHandler = std::function<void(LogLevel level, const std::string& message)>;
void set_log_handler(LogHandler handler);

/// Thread-safe.
void log(LogLevel level, const std::string& message);

}  // namespace vivace::base
