#pragma once

#include <onnxruntime_cxx_api.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace vivace::runtime {

/// The one environment of the process: its log goes to vivace's, and all sessions share its arena, which grows by what
/// is asked for. Throws Error(unavailable) where library_problem() is something.
Ort::Env& onnxruntime_environment();

/// Sets the most bytes that the arena may hold; 0 leaves it as it is. Throws Error(invalid_argument) where the arena
/// was made with another limit, as it is for the time of the process. Safe from many threads.
void limit_arena(std::size_t bytes);

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
