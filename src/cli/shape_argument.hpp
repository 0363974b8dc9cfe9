#pragma once

#include <map>
#include <string>
#include <vector>

#include "vivace/tensor.hpp"

namespace vivace::cli {

/// The shapes of inputs by name, from "name=1x128x96". Throws Error(invalid_argument) for what is not of this form, and
/// for a name that comes twice.
std::map<std::string, Shape> parse_shapes(const std::vector<std::string>& texts);

}  // namespace vivace::cli
