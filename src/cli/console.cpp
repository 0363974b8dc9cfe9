#include "cli/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <mutex>

#include "base/log.hpp"

namespace vivace::cli {
namespace {

std::mutex console_mutex;
std::string progress_line;

constexpr const char* kEraseLine = "\r\033[K";
constexpr std::size_t kWidestBar = 24;

/// Width of the terminal behind standard error, 80 where it is not known.
std::size_t terminal_columns() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::string bar(double share, std::size_t width) {
  const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  std::string cells;
  for (std::size_t i = 0; i < width; ++i) cells += i < filled ? "█" : "░";
  return cells;
}

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

void show_progress(const std::string& line) {
  if (!error_is_terminal()) return;
  const std::scoped_lock lock(console_mutex);
  progress_line = line;
  fmt::print(stderr, "{}{}", kEraseLine, line);
  std::fflush(stderr);
}

void show_progress(double share, const std::string& text) {
  const std::size_t columns = terminal_columns() - 1;  // a full line would wrap
  const std::size_t room = columns - std::min(columns, text.size());
  show_progress(bar(share, std::min(room, kWidestBar)) + text.substr(0, columns));
}

void clear_progress() {
  const std::scoped_lock lock(console_mutex);
  if (progress_line.empty()) return;
  progress_line.clear();
  fmt::print(stderr, "{}", kEraseLine);
  std::fflush(stderr);
}

void print_library_log(bool verbose) {
  set_log_handler([verbose](base::LogLevel level, const std::string& message) {
    if (level == base::LogLevel::warning || verbose) print_note("vivace: " + message);
  });
}

}  // namespace vivace::cli
