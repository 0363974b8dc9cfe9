#include "runtime/onnxruntime_environment.hpp"

#include <fmt/format.h>

#include <mutex>
#include <string_view>

#include "base/log.hpp"
#include "runtime/placement.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

/// Where lines of this thread go; null: to vivace's log.
thread_local std::vector<std::string>* captured_lines = nullptr;

/// The limit of the arena, which is settled when the environment is made.
struct ArenaLimit {
  std::mutex mutex;
  std::size_t bytes = 0;  // 0: none
  bool settled = false;
};

ArenaLimit& arena_limit() {
  static ArenaLimit limit;
  return limit;
}

std::size_t settled_arena_limit() {
  const std::scoped_lock lock(arena_limit().mutex);
  arena_limit().settled = true;
  return arena_limit().bytes;
}

void forward_log(void*, OrtLoggingLevel level, const char*, const char*, const char*, const char* message) {
  if (captured_lines != nullptr) {
    captured_lines->emplace_back(message);
    return;
  }
  const bool serious = level >= ORT_LOGGING_LEVEL_ERROR;
  base::log(serious ? base::LogLevel::warning : base::LogLevel::debug, fmt::format("ONNX Runtime: {}", message));
}

}  // namespace

std::optional<std::string> library_problem() {
  if (OrtGetApiBase()->GetApi(ORT_API_VERSION) != nullptr) return std::nullopt;
  return fmt::format(
      "the ONNX Runtime library {} does not offer API version {}, with which vivace was built; install 1.{} or later, "
      "or build with the headers of that library",
      onnxruntime_version(), ORT_API_VERSION, ORT_API_VERSION);
}

// One arena that grows by what is asked for: the default, doubling, an arena a session, holds up to twice the memory
// in use, times the number of sessions.
Ort::Env& onnxruntime_environment() {
  static Ort::Env env = [] {
    if (const auto problem = library_problem()) throw Error(ErrorCode::unavailable, *problem);
    Ort::Env created(ORT_LOGGING_LEVEL_WARNING, "vivace", forward_log, nullptr);
    created.DisableTelemetryEvents();
    const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    constexpr int kExtendAsRequested = 1;
    const Ort::ArenaCfg arena(settled_arena_limit(), kExtendAsRequested, -1, -1);
    created.CreateAndRegisterAllocator(memory, arena);
    return created;
  }();
  return env;
}

void limit_arena(std::size_t bytes) {
  if (bytes == 0) return;
  ArenaLimit& limit = arena_limit();
  const std::scoped_lock lock(limit.mutex);
  if (limit.bytes == bytes) return;
  if (limit.settled || limit.bytes != 0) {
    const std::string made_with = limit.bytes == 0 ? "without a limit" : fmt::format("with {} bytes", limit.bytes);
    throw Error(ErrorCode::invalid_argument, "arena_limit_bytes",
                fmt::format("is {}; the arena, which all engines of this process share, was made {}: give it to the "
                            "first engine, or run the model in worker processes (isolation)",
                            bytes, made_with));
  }
  limit.bytes = bytes;
}

bool is_lack_of_memory(const Ort::Exception& error) {
  const std::string_view message = error.what();
  const auto says = [&](std::string_view words) { return message.find(words) != std::string_view::npos; };
  return says("Failed to allocate") || says("smaller than requested bytes") || says("bad_alloc") ||
         says("bad allocation");
}

LogCapture::LogCapture() { captured_lines = &lines_; }

LogCapture::~LogCapture() { captured_lines = nullptr; }

std::string onnxruntime_version() { return OrtGetApiBase()->GetVersionString(); }

std::vector<std::string> onnxruntime_providers() {
  if (library_problem()) return {};
  return Ort::GetAvailableProviders();
}

}  // namespace vivace::runtime
