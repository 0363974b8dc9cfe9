#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "library/embeddings.hpp"
#include "library/nearest.hpp"
#include "library/nearest_file.hpp"

namespace vivace::library {

/// Numbers (tracks times dimension) up to which vectors are compared one by one.
inline constexpr std::size_t kExactNumbers = 20'000'000;

/// The embeddings of a library in memory, ready to be searched. Members are safe from many threads.
class SimilarityIndex {
 public:
  /// Large libraries have it in a file beside the database, which is made where it is absent or the embeddings have
  /// changed since; where it cannot be written, that is logged. Throws Error(not_found) where there is no embedding.
  static SimilarityIndex open(Database& database, const EmbeddingSet& embeddings,
                              std::size_t exact_numbers = kExactNumbers);

  /// The file of a library's index of a set.
  static std::filesystem::path file_of(const Database& database, const EmbeddingSet& embeddings);

  std::span<const std::int64_t> tracks() const { return data_.tracks; }
  const UnitVectors& vectors() const { return data_.vectors; }
  /// The row of a track.
  std::optional<std::size_t> row_of(std::int64_t track) const;
  /// One a row: 1 for the tracks in `tracks`, which ascend.
  std::vector<std::uint8_t> only(std::span<const std::int64_t> tracks) const;

  /// The rows nearest to a vector of length one, of those that are allowed (one a row).
  std::vector<Neighbour> search(std::span<const float> query, std::size_t count,
                                std::span<const std::uint8_t> allowed) const;

 private:
  SimilarityIndex(SearchData data, std::size_t exact_numbers) : data_(std::move(data)), exact_numbers_(exact_numbers) {}

  SearchData data_;
  std::size_t exact_numbers_;
};

}  // namespace vivace::library
