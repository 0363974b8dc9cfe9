#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "records/record.hpp"
#include "vivace/embed.hpp"

namespace vivace::embed {

struct RecordOptions {
  bool rows = false;         ///< also the row-wise fields `times_s`, `embeddings`, `activations`
  std::size_t top_tags = 0;  ///< only the highest of the extractor's tags, sorted; 0: all, in the model's order
};

/// The outcome of one track: an embedding, or why there is none.
struct TrackResult {
  std::string path;  ///< as it was given; any bytes
  Embedding embedding;
  std::string error_code;  ///< empty: it worked
  std::string error_message;

  bool failed() const { return !error_code.empty(); }
};

/// Embeds one file; what it throws becomes a failed result.
TrackResult embed_track(const Embedder& embedder, const std::filesystem::path& path);

/// The fields of a track's record: path, status, error, duration_s, truncated, note, model, model_sha256, front_end,
/// resampler, dimension, row_rate_hz, rows, embedding, tags; with rows also times_s, embeddings, activations.
records::Schema track_schema(const EmbedModelInfo& model, const RecordOptions& options);

records::Record track_record(const EmbedModelInfo& model, TrackResult result, const RecordOptions& options);

/// The fields that identify a record, for continuing an output: path, model, model_sha256, front_end, resampler.
std::vector<std::string> track_key_fields();
/// The key of the record that `path` will have.
std::vector<std::string> track_key(const EmbedModelInfo& model, const std::filesystem::path& path);

/// The extractor's tags sorted by value, the highest `count` (0: all of them in the model's order), then all tags of
/// heads.
std::vector<Tag> top_tags(const EmbedModelInfo& model, const std::vector<Tag>& tags, std::size_t count);

}  // namespace vivace::embed
