#pragma once

#include <stop_token>
#include <string>
#include <thread>

namespace vivace::cli {

/// Turns the first Ctrl-C (SIGINT, SIGTERM) into a stop request, so that what is under way is finished; a second one,
/// not at the same time, ends the program at once. Must be made before other threads are started, so that they inherit
/// the blocked signals.
class InterruptWatch {
 public:
  /// `reaction` tells the user what follows the first, e.g. "finishing the tracks under way".
  explicit InterruptWatch(std::string reaction);
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  ~InterruptWatch();

  std::stop_token token() const { return interrupted_.get_token(); }

 private:
  std::stop_source interrupted_;
  std::jthread watcher_;
};

}  // namespace vivace::cli
