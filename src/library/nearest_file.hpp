#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "library/unit_vectors.hpp"
#include "library/vector_codes.hpp"

namespace vivace::library {

/// What a search needs. The spans lie in what `owner` holds.
struct SearchData {
  std::span<const std::int64_t> tracks;  ///< ascending
  UnitVectors vectors;                   ///< a row a track
  CodeBasis basis;
  std::span<const std::int8_t> codes;  ///< [tracks, basis.stride]; empty: search without
  std::shared_ptr<const void> owner;
};

/// Writes data with codes to a file for this machine. `stamp` says what it was made from. Throws Error(unavailable),
/// Error(resource_exhausted).
void write_search_file(const std::filesystem::path& path, const std::string& stamp, const SearchData& data);

/// Maps such a file into memory. Nothing where there is none, it has another stamp, or is none of this version.
std::optional<SearchData> map_search_file(const std::filesystem::path& path, const std::string& stamp);

}  // namespace vivace::library
