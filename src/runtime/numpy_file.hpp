#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "vivace/tensor.hpp"

namespace vivace::runtime {

/// An array in NumPy's format NPY (versions 1 to 3, little-endian, numbers or booleans). One that is column-major, as
/// NumPy writes a transposed array, becomes row-major. `origin` names it in errors. Throws Error: corrupt_data,
/// unsupported (other types). Safe for any bytes.
Tensor parse_npy(std::string_view bytes, const std::string& origin);

/// The arrays of an NPZ, by their names: a ZIP archive with NPY files, stored or deflated, as `numpy.savez` and
/// `numpy.savez_compressed` write it. Throws as parse_npy. Safe for any bytes.
std::map<std::string, Tensor> parse_npz(std::string_view bytes, const std::string& origin);

/// The array of an NPY file of at most 4 GiB. Throws as base::read_file and parse_npy.
Tensor read_npy(const std::filesystem::path& path);

/// The arrays of an NPZ or of all NPY files in a folder, by their names; of one NPY file, with the name "". Files have
/// at most 4 GiB. Throws as base::read_file, parse_npy and parse_npz.
std::map<std::string, Tensor> read_arrays(const std::filesystem::path& path);

}  // namespace vivace::runtime
