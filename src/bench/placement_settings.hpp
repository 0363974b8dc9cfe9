#pragma once

#include <map>
#include <string>

#include "vivace/placement.hpp"

namespace vivace::bench {

/// Where and how a graph runs, as settings of a run: "placement" ("backend/provider") and its parts, and "precision":
/// the one that was asked for, or a lower one that was tuned; "graph", as the graph was made, where neither is.
/// Besides, where they are not as usual: "provider-library", "provider-setting" and "session" ("key=value, …"), "cache"
/// ("off"), "strict" ("on"). `placement` is that of the session.
std::map<std::string, std::string> placement_settings(const PlacementOptions& wanted, const std::string& placement);

}  // namespace vivace::bench
