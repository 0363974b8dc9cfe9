#pragma once

#include <cstddef>

namespace vivace::test {

/// Counts what the calling thread gets from `operator new`, in whatever library, since construction. A test program
/// that uses this lists support/allocations.cpp among its sources, which replaces the operator.
class AllocationWatch {
 public:
  AllocationWatch();
  /// False where a sanitizer brings its own operator: then nothing is counted.
  static bool works();

  std::size_t bytes() const;

 private:
  std::size_t bytes_before_;
};

}  // namespace vivace::test
