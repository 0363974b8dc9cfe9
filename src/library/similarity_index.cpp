#include "library/similarity_index.hpp"

#include <algorithm>
#include <memory>

#include "base/log.hpp"
#include "vivace/error.hpp"

namespace vivace::library {
namespace {

/// What was read and what was made of it.
struct Memory {
  Embeddings embeddings;
  std::vector<std::int8_t> codes;
};

SearchData data_of(Embeddings embeddings, std::size_t exact_numbers) {
  const auto memory = std::make_shared<Memory>();
  memory->embeddings = std::move(embeddings);
  SearchData data;
  data.tracks = memory->embeddings.tracks;
  data.vectors = {memory->embeddings.vectors, memory->embeddings.dimension};
  if (data.vectors.values.size() > exact_numbers) {
    data.basis = choose_basis(data.vectors);
    memory->codes = encode(data.basis, data.vectors);
    data.codes = memory->codes;
  }
  data.owner = memory;
  return data;
}

void keep(const std::filesystem::path& path, const std::string& stamp, const SearchData& data) {
  try {
    write_search_file(path, stamp, data);
  } catch (const Error& error) {
    base::log(base::LogLevel::warning, std::string("the index for the next search is not kept: ") + error.what());
  }
}

}  // namespace

std::filesystem::path SimilarityIndex::file_of(const Database& database, const EmbeddingSet& embeddings) {
  return database.path() + "." + embeddings.set.table + ".index";
}

SimilarityIndex SimilarityIndex::open(Database& database, const EmbeddingSet& embeddings, std::size_t exact_numbers) {
  return database.run([&] {
    const SQLite::Transaction one_state(database.connection());
    const std::filesystem::path path = file_of(database, embeddings);
    const std::string stamp = embeddings_stamp(database, embeddings);
    if (std::optional<SearchData> kept = map_search_file(path, stamp)) {
      return SimilarityIndex(std::move(*kept), exact_numbers);
    }
    SearchData data = data_of(read_embeddings(database, embeddings), exact_numbers);
    if (data.tracks.empty()) {
      throw Error(ErrorCode::not_found, database.path(),
                  "no track has an embedding of the model '" + embeddings.set.set.name + "' yet");
    }
    if (!data.codes.empty()) keep(path, stamp, data);
    return SimilarityIndex(std::move(data), exact_numbers);
  });
}

std::optional<std::size_t> SimilarityIndex::row_of(std::int64_t track) const {
  const auto found = std::lower_bound(data_.tracks.begin(), data_.tracks.end(), track);
  if (found == data_.tracks.end() || *found != track) return std::nullopt;
  return static_cast<std::size_t>(found - data_.tracks.begin());
}

std::vector<std::uint8_t> SimilarityIndex::only(std::span<const std::int64_t> tracks) const {
  std::vector<std::uint8_t> allowed(data_.tracks.size());
  std::size_t next = 0;
  for (std::size_t row = 0; row < allowed.size(); ++row) {
    while (next < tracks.size() && tracks[next] < data_.tracks[row]) ++next;
    allowed[row] = next < tracks.size() && tracks[next] == data_.tracks[row] ? 1 : 0;
  }
  return allowed;
}

std::vector<Neighbour> SimilarityIndex::search(std::span<const float> query, std::size_t count,
                                               std::span<const std::uint8_t> allowed) const {
  const auto left = static_cast<std::size_t>(std::count(allowed.begin(), allowed.end(), std::uint8_t{1}));
  const bool exactly = data_.codes.empty() || left * data_.vectors.dimension <= exact_numbers_;
  return exactly ? nearest_exactly(data_.vectors, query, count, allowed)
                 : nearest_by_codes(data_.vectors, data_.basis, data_.codes, query, count, allowed);
}

}  // namespace vivace::library
