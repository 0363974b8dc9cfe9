#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

namespace vivace::base {

/// The lines of a descriptor, one by one, in bounded memory. Not thread-safe.
class LineReader {
 public:
  struct Line {
    std::string text;       ///< without the line end; of a line that is too long its beginning
    bool too_long = false;  ///< it had more than `limit` bytes
  };

  /// Reads `descriptor` (left open) in lines of at most `limit` bytes.
  LineReader(int descriptor, std::size_t limit) : descriptor_(descriptor), limit_(limit) {}

  /// Waits for the next line; nothing at the end, on a failure to read, and after `stop` was requested. A last line
  /// needs no line end.
  std::optional<Line> next(const std::stop_token& stop);

 private:
  bool fill(const std::stop_token& stop);

  int descriptor_;
  std::size_t limit_;
  std::string buffer_;
  std::size_t position_ = 0;  // of the first byte in `buffer_` that was not given out
};

}  // namespace vivace::base
