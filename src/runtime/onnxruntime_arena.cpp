#include "runtime/onnxruntime_arena.hpp"

#include <fmt/format.h>

#include <mutex>
#include <string>

#include "runtime/onnxruntime_environment.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

struct Arena {
  std::mutex mutex;
  std::size_t uses = 0;
  std::size_t limit_bytes = 0;  // 0: none
};

// Both are never destroyed: sessions in static memory may outlive any order of destruction.
Arena& the_arena() {
  static auto* const arena = new Arena;
  return *arena;
}

const OrtMemoryInfo* cpu_arena() {
  static const auto* const memory =
      new Ort::MemoryInfo(Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault));
  return *memory;
}

// One arena that grows by what is asked for: the default, doubling, an arena a session, holds up to twice the memory
// in use, times the number of sessions.
void make(Ort::Env& environment, std::size_t limit_bytes) {
  constexpr int kExtendAsRequested = 1;
  const Ort::ArenaCfg growth(limit_bytes, kExtendAsRequested, -1, -1);
  try {
    environment.CreateAndRegisterAllocator(cpu_arena(), growth);
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::unavailable, "arena", fmt::format("ONNX Runtime: {}", error.what()));
  }
}

[[noreturn]] void refuse(std::size_t wanted, std::size_t limit) {
  const std::string made_with = limit == 0 ? "without a limit" : fmt::format("with {} bytes", limit);
  throw Error(ErrorCode::invalid_argument, "arena_limit_bytes",
              fmt::format("is {}; the arena, which all engines of this process share, was made {}: give it to the "
                          "first engine, or run the model in worker processes (isolation)",
                          wanted, made_with));
}

}  // namespace

ArenaUse::ArenaUse(std::size_t limit_bytes) : environment_(shared_onnxruntime_environment()) {
  Arena& arena = the_arena();
  const std::scoped_lock lock(arena.mutex);
  if (arena.uses == 0) {
    make(*environment_, limit_bytes);
    arena.limit_bytes = limit_bytes;
  } else if (limit_bytes != 0 && limit_bytes != arena.limit_bytes) {
    refuse(limit_bytes, arena.limit_bytes);
  }
  ++arena.uses;
}

ArenaUse::~ArenaUse() {
  Arena& arena = the_arena();
  const std::scoped_lock lock(arena.mutex);
  if (--arena.uses > 0) return;
  // It cannot fail for an arena that is registered, and what it says would not matter.
  Ort::Status(Ort::GetApi().UnregisterAllocator(*environment_, cpu_arena()));
}

}  // namespace vivace::runtime
