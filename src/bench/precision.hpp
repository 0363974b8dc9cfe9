#pragma once

#include <filesystem>
#include <string>

#include "vivace/placement.hpp"

namespace vivace::bench {

/// The precision that a graph runs in on a placement ("backend/provider"): the one that was asked for, or tuned;
/// "graph", as the graph was made, where neither is.
std::string precision_of(const PlacementOptions& wanted, const std::filesystem::path& graph,
                         const std::string& placement);

}  // namespace vivace::bench
