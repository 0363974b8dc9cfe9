#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>
#include <vector>

#include "base/thread_budget.hpp"

namespace vivace::library {

/// The most parts that `in_parts` makes.
inline std::size_t most_parts() { return std::max<std::size_t>(base::ThreadBudget::of_process().cores(), 1); }

/// Calls `work(part, begin, end)` for parts of `count` things, on as many threads as cores are free. Small numbers stay
/// on the caller's thread. `work` must not throw.
template <typename Work>
void in_parts(std::size_t count, const Work& work) {
  constexpr std::size_t kWorthAThread = 4096;
  const base::ThreadBudget::Share share = base::ThreadBudget::of_process().take(0);
  const std::size_t parts = std::clamp<std::size_t>(count / kWorthAThread, 1, std::min(share.cores(), most_parts()));
  std::vector<std::jthread> threads;
  for (std::size_t part = 1; part < parts; ++part) {
    threads.emplace_back([&work, part, parts, count] { work(part, count * part / parts, count * (part + 1) / parts); });
  }
  work(std::size_t{0}, std::size_t{0}, count / parts);
}

}  // namespace vivace::library
