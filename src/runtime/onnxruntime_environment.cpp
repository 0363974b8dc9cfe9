#include "runtime/onnxruntime_environment.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "base/log.hpp"
#include "runtime/placement.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

/// ONNX Runtime writes of the machine and the program to the user's cache as soon as its environment is made, before
/// that can be forbidden by its interface. Done when the library is loaded, as other threads may read the environment
/// later.
[[gnu::constructor]] void forbid_telemetry() { ::setenv("ORT_DISABLE_TELEMETRY", "1", 0); }

/// Where lines of this thread go; null: to vivace's log.
thread_local std::vector<std::string>* captured_lines = nullptr;

/// Whether a line says what a run throws besides.
bool is_of_a_failed_run(std::string_view line) {
  return line.starts_with("Non-zero status code returned while running");
}

void forward_log(void*, OrtLoggingLevel level, const char*, const char*, const char*, const char* message) {
  if (captured_lines != nullptr) {
    captured_lines->emplace_back(message);
    return;
  }
  const bool serious = level >= ORT_LOGGING_LEVEL_ERROR && !is_of_a_failed_run(message);
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

std::shared_ptr<Ort::Env> shared_onnxruntime_environment() {
  static const std::shared_ptr<Ort::Env> environment = [] {
    if (const auto problem = library_problem()) throw Error(ErrorCode::unavailable, *problem);
    auto created = std::make_shared<Ort::Env>(ORT_LOGGING_LEVEL_WARNING, "vivace", forward_log, nullptr);
    created->DisableTelemetryEvents();
    return created;
  }();
  return environment;
}

Ort::Env& onnxruntime_environment() { return *shared_onnxruntime_environment(); }

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
  std::vector<std::string> providers = Ort::GetAvailableProviders();
  std::erase(providers, "AzureExecutionProvider");  // runs graphs on a service, not here
  return providers;
}

}  // namespace vivace::runtime
