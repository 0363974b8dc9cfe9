#include "base/log.hpp"

#include <mutex>
#include <utility>

namespace vivace {
namespace {

std::mutex handler_mutex;

LogHandler& current_handler() {
  static LogHandler handler;
  return handler;
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
