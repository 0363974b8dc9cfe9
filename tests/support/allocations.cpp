#include "support/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#include "support/sanitizers.hpp"

namespace {

thread_local std::size_t allocated_bytes = 0;
std::atomic<std::size_t> allocation_count = 0;
std::atomic<std::size_t> failing_count = 0;  // the number of the allocation that fails

}  // namespace

#ifdef VIVACE_SANITIZED
constexpr bool kReplaced = false;
#else
constexpr bool kReplaced = true;

void* operator new(std::size_t bytes) {
  allocated_bytes += bytes;
  if (allocation_count.fetch_add(1, std::memory_order_relaxed) + 1 == failing_count) throw std::bad_alloc();
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace vivace::test {

AllocationWatch::AllocationWatch() : bytes_before_(allocated_bytes), count_before_(allocation_count) {}
bool AllocationWatch::works() { return kReplaced; }
std::size_t AllocationWatch::bytes() const { return allocated_bytes - bytes_before_; }
std::size_t AllocationWatch::count_of_all_threads() const { return allocation_count - count_before_; }

FailingAllocation::FailingAllocation(std::size_t before) { failing_count = allocation_count + before + 1; }
FailingAllocation::~FailingAllocation() { failing_count = 0; }
bool FailingAllocation::has_failed() const { return allocation_count >= failing_count; }

}  // namespace vivace::test
