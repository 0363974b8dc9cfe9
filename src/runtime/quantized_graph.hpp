#pragma once

#include <filesystem>

namespace vivace::runtime {

/// Whether an ONNX file has operators that quantize or that work on quantized values. Reads the file once.
/// Throws Error: not_found, unavailable (cannot be read).
bool is_quantized(const std::filesystem::path& graph);

}  // namespace vivace::runtime
