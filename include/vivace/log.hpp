#pragma once

#include <functional>
#include <string>

namespace vivace {

enum class LogLevel { debug, info, warning };

/// Takes one message. It is called from any thread, one call at a time, and must neither throw nor call vivace.
using LogHandler = std::function<void(LogLevel level, const std::string& message)>;

/// Says where messages go that no caller waits for: a worker process that ended, a callback that threw, a backend or a
/// kept graph that was passed over, what ONNX Runtime, OpenVINO and FFmpeg tell. Until a program sets a handler, and
/// with an empty one, they go nowhere: the library never prints. Safe from many threads; when it returns, the handler
/// before is not running any more.
void set_log_handler(LogHandler handler);

}  // namespace vivace
