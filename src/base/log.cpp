#include "base/log.hpp"

#include <mutex>
#include <utility>

namespace vivace {
namespace {

std::mutex handler_mutex;

/// Never destroyed: objects in static memory may log as they go.
LogHandler& current_handler() {
  static auto* const handler = new LogHandler;
  return *handler;
}

}  // namespace

void set_log_handler(LogHandler handler) {
  const std::scoped_lock lock(handler_mutex);
  current_handler() = std::move(handler);
}

void base::log(LogLevel level, const std::string& message) {
  const std::scoped_lock lock(handler_mutex);
  if (current_handler()) current_handler()(level, message);
}

}  // namespace vivace
