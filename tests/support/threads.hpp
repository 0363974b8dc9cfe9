#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace vivace::test {

/// How many threads this process has now.
inline std::size_t thread_count() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(threads), end(threads)));
}

}  // namespace vivace::test
