#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/essentia_metadata.hpp"
#include "model/essentia_roles.hpp"
#include "model/manifest.hpp"
#include "model/store.hpp"

namespace vivace::model {

/// Where a field is empty, the importer finds the value.
struct ImportOptions {
  std::string name;       ///< of the model; else the graph's file name without batch and version
  std::string extractor;  ///< of a head; else what the metadata names
  TensorRoles tensors;    ///< names in the graph; else found by role
  std::string source;     ///< where the files came from; else the graph's file name
  std::string licence;    ///< an SPDX expression; else Essentia's where the metadata links to Essentia's site
  std::string licence_url;
};

struct ImportedModel {
  std::filesystem::path folder;
  Manifest manifest;
  std::vector<std::string> notes;  ///< what the user should know: where the graph was believed, a licence not known
};

/// The model that an ONNX graph, of which only the name and the tensors matter here, and its metadata make: without a
/// folder, and without files in its manifest. Throws as stage_essentia does for what does not fit.
ImportedModel describe_essentia(const std::filesystem::path& graph, const EssentiaMetadata& metadata,
                                const GraphRoles& roles, const ImportOptions& options = {});

/// Makes a model folder `<into>/<name>` of an ONNX graph and the JSON metadata that Essentia publishes beside it. Names
/// and shapes of tensors are those of the graph; front end, patching, labels and extractor come from the metadata.
/// Throws Error: model_mismatch (the two do not fit, classes are missing, a role stays open), unsupported (another
/// class of Essentia, a graph with its weights in other files), invalid_argument (the folder exists), corrupt_data (no
/// JSON), and as runtime::open_session and read_file.
ImportedModel stage_essentia(const std::filesystem::path& graph, const std::filesystem::path& metadata,
                             const std::filesystem::path& into, const ImportOptions& options = {});

/// The same into a store, at once: the model is installed whole or not at all; an older one of its name gives way.
/// Throws Error(unavailable) too, where another process is getting this model.
ImportedModel import_essentia(const Store& store, const std::filesystem::path& graph,
                              const std::filesystem::path& metadata, const ImportOptions& options = {});

}  // namespace vivace::model
