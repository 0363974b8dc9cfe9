#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

inline constexpr const char* kTempoField = "tempo.bpm";
inline constexpr const char* kKeyField = "key.key";
inline constexpr const char* kScaleField = "key.scale";
inline constexpr const char* kLoudnessField = "loudness.integrated_lufs";

/// How near other tracks must be to one, besides their sound.
struct TrackFilter {
  std::optional<double> tempo_share;  ///< of its tempo: 0.05 is 5 % up and down
  bool compatible_key = false;        ///< see compatible_keys
  std::optional<double> loudness_lu;  ///< up and down
};

/// What is compared; null where it is not known.
struct TrackTraits {
  std::optional<double> tempo_bpm{};
  std::optional<std::string> key{};
  std::optional<std::string> scale{};
  std::optional<double> loudness_lufs{};
};

/// As far as the library knows them.
TrackTraits traits_of(Database& database, std::int64_t track);

/// Computes what the filter needs of any file. Throws Error as analyze_file does, and Error(unsupported) where nothing
/// here computes a field.
TrackTraits measure_traits(const std::filesystem::path& file, const TrackFilter& filter);

/// The tracks that are there and pass the filter, ascending. Throws Error(invalid_argument) where `traits` lacks what
/// the filter compares, or no track of the library has it.
std::vector<std::int64_t> tracks_near(Database& database, const TrackFilter& filter, const TrackTraits& traits);

}  // namespace vivace::library
