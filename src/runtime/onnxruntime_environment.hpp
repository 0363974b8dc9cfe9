#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vivace::runtime {

/// The one environment of the process; its log goes to vivace's. Throws Error(unavailable) where library_problem() is
/// something.
Ort::Env& onnxruntime_environment();

/// The same for what may outlive static objects.
std::shared_ptr<Ort::Env> shared_onnxruntime_environment();

/// What is wrong where the ONNX Runtime library that was loaded is older than the headers that vivace was built with.
std::optional<std::string> library_problem();

/// Whether something failed for lack of memory.
bool is_lack_of_memory(const Ort::Exception& error);

/// While it lives, what ONNX Runtime logs on this thread is kept here instead of going to vivace's log. One a thread.
class LogCapture {
 public:
  LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture();

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

}  // namespace vivace::runtime
