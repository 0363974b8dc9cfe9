#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace vivace::base {

/// A dense array, row-major.
struct FloatArray {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Reads a .npy file of little-endian float32 in C order. Throws Error: not_found, unavailable (cannot be read),
/// corrupt_data (no such file format, or cut short), unsupported (other types or orders). Safe for any bytes.
FloatArray read_npy(const std::filesystem::path& path);

}  // namespace vivace::base
