#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vivace::bench {

/// The lines that a label is written in.
using LabelLines = std::vector<std::string>;

/// Labels of rows with these names, in their order: what all names have in common is left out as long as the rest tells
/// them apart, and the rest is broken at spaces into lines of at most `columns` letters, at most six of them. A longer
/// one is cut in its middle, where a line may have an ellipsis more.
std::vector<LabelLines> row_labels(const std::vector<std::string>& names, std::size_t columns);

}  // namespace vivace::bench
