#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/essentia_metadata.hpp"
#include "model/manifest.hpp"
#include "runtime/session.hpp"

namespace vivace::model {

/// The tensors of a graph by what they are for.
struct GraphRoles {
  runtime::TensorInfo input;
  std::optional<runtime::TensorInfo> embeddings;
  std::optional<runtime::TensorInfo> activations;
  std::string activation_kind;  ///< as in a manifest; empty without activations
};

/// Finds the tensors of a graph that was converted from one of Essentia's. Names differ with the converter
/// ("activations", "model/Sigmoid:0", "PartitionedCall:0"), so each output is judged by its own name, by the purpose
/// and operation that the metadata gives for that name, and by its width only where that decides alone. `chosen` names
/// tensors that the caller knows; its empty fields are found. Of a head's outputs only the activations are looked for.
/// Throws Error(model_mismatch) where a role stays open, with what the graph has and how to choose.
GraphRoles find_roles(const EssentiaMetadata& metadata, const std::vector<runtime::TensorInfo>& inputs,
                      const std::vector<runtime::TensorInfo>& outputs, const TensorRoles& chosen);

/// A shape as it stands in messages, e.g. "[batch, 128, 96]"; free axes other than the first are "?".
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace vivace::model
