#pragma once

#include <onnxruntime_cxx_api.h>

#include <optional>
#include <string>

namespace vivace::runtime {

/// The one environment of the process: its log goes to vivace's, and all sessions share its arena, which grows by what
/// is asked for. Throws Error(unavailable) where library_problem() is something.
Ort::Env& onnxruntime_environment();

/// What is wrong where the ONNX Runtime library that was loaded is older than the headers that vivace was built with.
std::optional<std::string> library_problem();

}  // namespace vivace::runtime
