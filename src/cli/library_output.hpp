#pragma once

#include <string>

namespace vivace::cli {

/// Throws Error(invalid_argument) where an output is the library itself or one of the files beside it, by whatever name
/// or link.
void require_other_file(const std::string& library, const std::string& output);

}  // namespace vivace::cli
