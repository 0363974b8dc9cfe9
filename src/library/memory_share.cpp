#include "library/memory_share.hpp"

#include <malloc.h>

#include <chrono>
#include <thread>

#include "base/machine.hpp"

namespace vivace::library {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr std::uint64_t kTracksBeforeMore = 16;

}  // namespace

std::uint64_t MemoryShare::begin() {
  const std::scoped_lock lock(mutex_);
  under_way_.insert(next_);
  return next_++;
}

void MemoryShare::end(std::uint64_t track) {
  const std::scoped_lock lock(mutex_);
  under_way_.erase(track);
  ++ended_;
}

bool MemoryShare::must_give_way(std::uint64_t track) const {
  if (limit_bytes_ == 0 || base::resident_bytes() <= limit_bytes_) return false;
  const std::scoped_lock lock(mutex_);
  return !under_way_.empty() && track == *under_way_.rbegin();
}

void MemoryShare::wait_for_room() const {
  ::malloc_trim(0);
  const std::uint64_t least_ended = ended() + kTracksBeforeMore;
  while (!has_room(least_ended)) std::this_thread::sleep_for(kBetweenLooks);
}

std::uint64_t MemoryShare::ended() const {
  const std::scoped_lock lock(mutex_);
  return ended_;
}

bool MemoryShare::has_room(std::uint64_t least_ended) const {
  const std::scoped_lock lock(mutex_);
  const std::size_t tracks = under_way_.size();
  if (tracks == 0) return true;
  return ended_ >= least_ended && base::resident_bytes() / tracks * (tracks + 1) <= limit_bytes_;
}

}  // namespace vivace::library
