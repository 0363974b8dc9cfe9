#pragma once

#include <filesystem>
#include <string>

namespace vivace::runtime {

/// A path for messages: its begin and end where it is long.
std::string shortened(const std::filesystem::path& path);

/// Looks at a file without opening it, as devices and pipes may never end. Throws Error: invalid_argument (a folder, or
/// no regular file), not_found, unavailable (it cannot be looked at).
void require_regular_file(const std::filesystem::path& path);

/// The same of a graph, which may also be a folder with a SavedModel. Throws Error as above, and invalid_argument for
/// an empty path.
void require_graph_file(const std::filesystem::path& graph);

}  // namespace vivace::runtime
