#include "runtime/onnxruntime_environment.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "runtime/placement.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

/// Where lines of this thread go; null: to vivace's log.
thread_local std::vector<std::string>* captured_lines = nullptr;

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
    const Ort::ArenaCfg arena(0, kExtendAsRequested, -1, -1);
    created.CreateAndRegisterAllocator(memory, arena);
    return created;
  }();
  return env;
}

LogCapture::LogCapture() { captured_lines = &lines_; }

LogCapture::~LogCapture() { captured_lines = nullptr; }

std::string onnxruntime_version() { return OrtGetApiBase()->GetVersionString(); }

std::vector<std::string> onnxruntime_providers() {
  if (library_problem()) return {};
  return Ort::GetAvailableProviders();
}

}  // namespace vivace::runtime
