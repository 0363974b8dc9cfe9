#pragma once

#include <string>
#include <string_view>

#include "model/manifest.hpp"

namespace vivace::model {

/// How one of Essentia's classes prepares the input of the models that it runs.
struct EssentiaRecipe {
  FrontEnd front_end;
  Patching patch;
  bool frames_from_graph = false;  ///< models of several lengths share the class; `patch` is that of the usual one
};

/// True for the class that runs heads on embeddings.
bool is_essentia_head(std::string_view algorithm);

/// The recipe of a class for extractors, e.g. "TensorflowPredictEffnetDiscogs".
/// Throws Error(unsupported) for other classes and lists the known ones.
EssentiaRecipe essentia_recipe(const std::string& algorithm);

/// The name of a model without what tells its files apart: "discogs-effnet-bs64-1" (batch 64, version 1) is
/// "discogs-effnet", "danceability-msd-musicnn-2" is "danceability-msd-musicnn".
std::string plain_model_name(std::string_view stem);

}  // namespace vivace::model
