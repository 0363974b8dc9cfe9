#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "vivace/tensor.hpp"

namespace vivace::model {

/// How long the first axis of an input is for so many rows. Value type.
struct RowLengths {
  std::size_t first = 1;  ///< of one row
  std::size_t step = 1;   ///< what each further row adds

  std::size_t length_of(std::size_t rows) const { return first + (rows - 1) * step; }
  /// The most rows that a length is enough for.
  std::size_t rows_in(std::size_t length) const { return length < first ? 0 : (length - first) / step + 1; }
};

/// A graph with what decides the shapes of its inputs.
struct GraphInputs {
  std::filesystem::path graph;
  /// Shapes of inputs by name, for so many rows: patches, or embeddings. Empty for a graph without a manifest, whose
  /// inputs are as it declares them.
  std::map<std::string, Shape> shapes;
  RowLengths rows{};                     ///< of all its inputs
  std::size_t fixed_rows = 0;            ///< the only number of rows that the graph takes; 0: any
  std::optional<double> least_cosine{};  ///< of the manifest, see Manifest::least_cosine
};

/// The graph of a file or of a model (a name or folder) for a backend, and the shapes of its inputs for a run of `rows`
/// rows. Throws Error: not_found, model_mismatch, as find_model.
GraphInputs graph_inputs(const std::string& file_or_model, std::size_t rows, const std::string& backend = "auto");

}  // namespace vivace::model
