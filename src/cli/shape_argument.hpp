#pragma once

#include <string>
#include <utility>

#include "vivace/tensor.hpp"

namespace vivace::cli {

/// "name=1x128x96" in its parts. Throws Error(invalid_argument) for what is not of this form.
std::pair<std::string, Shape> parse_shape(const std::string& text);

}  // namespace vivace::cli
