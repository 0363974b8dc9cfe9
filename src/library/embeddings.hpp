#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/feature_tables.hpp"

namespace vivace::library {

/// The embeddings of a model that a library holds.
struct EmbeddingSet {
  StoredFeatureSet set;
  std::string field;  ///< "<model>.embedding"
};

/// The embeddings of `model`; of the model that most tracks have where that is empty. Throws Error(not_found) where the
/// library has none, and says which it has.
EmbeddingSet find_embeddings(Database& database, const std::string& model);

/// What all embeddings of a set depend on, as a line of text: other embeddings, another line.
std::string embeddings_stamp(Database& database, const EmbeddingSet& embeddings);

/// Embeddings scaled to length one, by the number of the track. Those without a direction (silence) are left out.
struct Embeddings {
  std::size_t dimension = 0;
  std::vector<std::int64_t> tracks;  ///< ascending
  std::vector<float> vectors;        ///< [tracks, dimension]
};

/// Of all tracks, whether they are still there or not.
Embeddings read_embeddings(Database& database, const EmbeddingSet& embeddings);

}  // namespace vivace::library
