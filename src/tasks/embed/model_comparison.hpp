#pragma once

#include <filesystem>
#include <vector>

#include "model/parity.hpp"
#include "vivace/embed.hpp"

namespace vivace::embed {

/// Runs two models, or one on two placements, over audio files and compares "embeddings" and "activations", patch by
/// patch. Throws as Embedder, and Error(model_mismatch) where their rows cannot be compared.
model::ModelComparison compare_models(const EmbedOptions& a, const EmbedOptions& b,
                                      const std::vector<std::filesystem::path>& files);

}  // namespace vivace::embed
