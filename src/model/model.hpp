#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/known_digests.hpp"
#include "model/manifest.hpp"
#include "model/store.hpp"

namespace vivace::model {

/// A model on disk, with its manifest. Value type.
struct Model {
  Manifest manifest;
  std::filesystem::path folder;

  /// The path of the file with this role. Throws Error(model_mismatch) where there is none.
  std::filesystem::path file(const std::string& role) const { return folder / manifest.file(role).path; }
};

/// The role of the file that a backend runs: its name, e.g. "tensorflow", where the model has such a file, else
/// "graph".
std::string graph_role(const Manifest& manifest, const std::string& backend);

/// An extractor and the heads that work on its embeddings, in the order asked for.
struct ModelChain {
  Model extractor;
  std::vector<Model> heads;
};

/// Finds a model and reads its manifest; its files are not looked at (see verify). Throws as Store::find and
/// read_manifest.
Model find_model(const std::string& name_or_path, const Store& store = Store::from_environment());

/// Finds "extractor" or "extractor+head+head", names or paths. A head goes by its full name, or by its task alone:
/// with discogs-effnet, "danceability" is "danceability-discogs-effnet". A path that exists as it stands may hold a
/// '+'. Throws Error: invalid_argument (an empty part, a head in the first place, an extractor further on),
/// model_mismatch (a head of another extractor or dimension), and as find_model.
ModelChain find_chain(const std::string& names_or_paths, const Store& store = Store::from_environment());

/// Compares every file of a chain with its manifests, as verify does for one model.
void verify(const ModelChain& chain, const base::KnownDigests& known);

}  // namespace vivace::model
