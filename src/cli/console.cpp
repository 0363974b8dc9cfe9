#include "cli/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <mutex>

#include "base/log.hpp"

namespace vivace::cli {
namespace {

std::mutex console_mutex;
std::string progress_line;

constexpr const char* kEraseLine = "\r\033[K";

}  // namespace

bool error_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void print_note(const std::string& message) {
  const std::scoped_lock lock(console_mutex);
  if (!progress_line.empty()) fmt::print(stderr, "{}", kEraseLine);
  fmt::print(stderr, "{}\n{}", message, progress_line);
  std::fflush(stderr);
}

void print_error(std::string message) {
  std::replace_if(
      message.begin(), message.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
  print_note("vivace: " + message);
}

std::size_t terminal_columns() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

void show_progress(const std::string& line) {
  if (!error_is_terminal()) return;
  const std::scoped_lock lock(console_mutex);
  progress_line = line;
  fmt::print(stderr, "{}{}", kEraseLine, line);
  std::fflush(stderr);
}

void clear_progress() {
  const std::scoped_lock lock(console_mutex);
  if (progress_line.empty()) return;
  progress_line.clear();
  fmt::print(stderr, "{}", kEraseLine);
  std::fflush(stderr);
}

void print_library_log(bool verbose) {
  base::set_log_handler([verbose](base::LogLevel level, const std::string& message) {
    if (level == base::LogLevel::warning || verbose) print_note("vivace: " + message);
  });
}

std::string clock_time(double seconds) {
  const long long total = std::llround(seconds);
  const long long hours = total / 3600;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

}  // namespace vivace::cli
