#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "vivace/log.hpp"

namespace vivace::test {

/// What is logged while it lives, a line each. One at a time.
class LogWatch {
 public:
  explicit LogWatch(LogLevel least = LogLevel::debug) {
    set_log_handler([this, least](LogLevel level, const std::string& message) {
      if (level >= least) lines_.push_back(message);
    });
  }
  LogWatch(const LogWatch&) = delete;
  LogWatch& operator=(const LogWatch&) = delete;
  ~LogWatch() { set_log_handler(nullptr); }

  /// To be read while nothing logs.
  const std::vector<std::string>& lines() const { return lines_; }
  std::string text() const {
    std::string text;
    for (const std::string& line : lines_) text += line + '\n';
    return text;
  }
  std::size_t count(const std::string& part) const {
    return static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(), [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace vivace::test
