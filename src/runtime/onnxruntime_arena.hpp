#pragma once

#include <onnxruntime_cxx_api.h>

#include <cstddef>
#include <memory>

namespace vivace::runtime {

/// Holds the one arena of the process, which sessions share and which grows by what is asked for. The first of those
/// that live at a time makes it, with its limit; the last takes it, and the memory that it kept, along. Safe from many
/// threads.
class ArenaUse {
 public:
  /// `limit_bytes` is the most that the arena may hold; 0: as it is, at first any. Throws Error: invalid_argument (it
  /// has another limit), unavailable (see onnxruntime_environment, or the arena cannot be made).
  explicit ArenaUse(std::size_t limit_bytes);
  ArenaUse(const ArenaUse&) = delete;
  ArenaUse& operator=(const ArenaUse&) = delete;
  ~ArenaUse();

 private:
  std::shared_ptr<Ort::Env> environment_;
};

}  // namespace vivace::runtime
