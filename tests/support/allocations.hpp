#pragma once

#include <cstddef>

namespace vivace::test {

/// Counts what is got from `operator new`, in whatever library, since construction: by the calling thread, or by all. A
/// test program that uses this lists support/allocations.cpp among its sources, which replaces the operator.
class AllocationWatch {
 public:
  AllocationWatch();
  /// False where a sanitizer brings its own operator: then nothing is counted.
  static bool works();

  std::size_t bytes() const;                 ///< of the calling thread
  std::size_t count_of_all_threads() const;  ///< how often it was called

 private:
  std::size_t bytes_before_;
  std::size_t count_before_;
};

/// Lets one allocation fail, whichever thread asks for it: that after `before` further ones. At most one lives at a
/// time.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t before);
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  ~FailingAllocation();

  bool has_failed() const;
};

}  // namespace vivace::test
