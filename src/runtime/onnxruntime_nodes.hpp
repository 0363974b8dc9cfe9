#pragma once

#include <onnxruntime_cxx_api.h>

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/session.hpp"

namespace vivace::runtime {

/// Which provider runs which node. ONNX Runtime says so while it loads a graph, in its verbose log, so the graph is
/// loaded once more. Empty where the library in use does not tell. Throws Ort::Exception where it cannot be loaded.
std::vector<ProviderNodes> nodes_by_provider(const std::filesystem::path& graph, const Ort::SessionOptions& settings);

/// The same out of the lines of that log.
std::vector<ProviderNodes> parse_node_placements(const std::vector<std::string>& lines);

}  // namespace vivace::runtime
