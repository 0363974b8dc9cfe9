#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vivace::runtime {

/// Whether a tensor of this shape may be where the graph declares that one, in which free lengths are negative.
inline bool fits(std::span<const std::int64_t> given, std::span<const std::int64_t> declared) {
  return std::equal(given.begin(), given.end(), declared.begin(), declared.end(),
                    [](std::int64_t length, std::int64_t wanted) { return wanted < 0 || length == wanted; });
}

/// Whether the first axis has so many rows.
inline bool has_rows(std::span<const std::int64_t> shape, std::size_t rows) {
  return !shape.empty() && shape.front() == static_cast<std::int64_t>(rows);
}

}  // namespace vivace::runtime
