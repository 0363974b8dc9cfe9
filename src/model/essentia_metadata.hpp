#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::model {

/// A tensor as Essentia's metadata describes it: with the name that it has in the TensorFlow graph.
struct EssentiaTensor {
  std::string name;
  std::vector<std::int64_t> shape;  ///< -1 for "batch_size" and the like; heads often leave the batch axis out
  std::string op;                   ///< what computes it, e.g. "Softmax"; may be empty
  std::string purpose;              ///< "predictions", "embeddings" or empty
};

/// What vivace needs of the JSON that Essentia publishes beside a graph. Texts that the file leaves out are empty.
struct EssentiaMetadata {
  std::string name;
  std::string version;
  std::string description;
  std::string link;                  ///< where the publisher keeps the TensorFlow graph
  std::vector<std::string> classes;  ///< in the order of the graph's outputs
  std::vector<EssentiaTensor> inputs;
  std::vector<EssentiaTensor> outputs;
  int sample_rate = 16000;
  std::string algorithm;        ///< Essentia's class for the model, e.g. "TensorflowPredictEffnetDiscogs"
  std::string embedding_model;  ///< of a head: the file stem of its extractor, e.g. "discogs-effnet-bs64-1"
};

/// Reads metadata of at most 1 MiB and 32 levels. Safe for any bytes. Throws Error(corrupt_data) for what is not JSON,
/// Error(model_mismatch) for JSON of another form; both say where.
EssentiaMetadata parse_essentia_metadata(std::string_view json);

/// The same for a file, whose path the errors name. Throws as base::read_file too.
EssentiaMetadata read_essentia_metadata(const std::filesystem::path& path);

}  // namespace vivace::model
