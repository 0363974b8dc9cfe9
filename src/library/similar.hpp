#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/track_filter.hpp"
#include "vivace/placement.hpp"

namespace vivace::library {

struct SimilarOptions {
  std::string model;  ///< whose embeddings are compared; empty: the one that most tracks have
  std::size_t count = 20;
  TrackFilter filter;
  PlacementOptions placement{};  ///< of the model, where a file is not in the library
};

struct SimilarTrack {
  std::string path;
  float similarity = 0;  ///< cosine of the embeddings
  TrackTraits traits;
};

struct SimilarTracks {
  std::string to;     ///< the path of the track that was asked for
  std::string model;  ///< whose embeddings were compared
  std::vector<SimilarTrack> tracks;
};

/// The tracks most similar to one, the most similar first, without itself. `track` is a part of the path of one in the
/// library, which is compared as it was analysed, or an audio file: where the library does not know it as it is now, it
/// is embedded first. Throws Error: not_found (no such
/// track, no embedding), invalid_argument (several tracks), and what Embedder throws.
SimilarTracks find_similar(Database& database, const std::string& track, const SimilarOptions& options);

}  // namespace vivace::library
