#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include "vivace/tensor.hpp"

namespace vivace::model {

/// A graph with what decides the shapes of its inputs.
struct GraphInputs {
  std::filesystem::path graph;
  /// Shapes of inputs by name, for so many rows: patches, or embeddings. Empty for a graph without a manifest, whose
  /// inputs are as it declares them.
  std::map<std::string, Shape> shapes;
};

/// The graph of an ONNX file or of a model (a name or folder), and the shapes of its inputs for a run of `rows` rows.
/// Throws Error: not_found, model_mismatch, as find_model.
GraphInputs graph_inputs(const std::string& file_or_model, std::size_t rows);

}  // namespace vivace::model
