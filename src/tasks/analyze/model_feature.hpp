#pragma once

#include <memory>

#include "tasks/analyze/feature.hpp"
#include "vivace/embed.hpp"

namespace vivace::analyze {

/// What a model says of a track, as a feature of the model's name: `<model>.embedding`, `<model>.tags` (labels of the
/// extractor and its heads with the means of their activations) and `<model>.rows`. With curves, the activations of
/// every patch, if the embedder keeps rows. The audio is that of Embedder::embed_file, sample by sample.
FeatureInfo model_feature(std::shared_ptr<const Embedder> embedder);

}  // namespace vivace::analyze
