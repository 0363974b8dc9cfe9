#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/target.hpp"
#include "vivace/separate.hpp"

namespace vivace::bench {

struct SeparateTargetOptions {
  std::string name;  ///< as the user named the tracks
  SeparateOptions separate{};
  std::vector<std::filesystem::path> tracks{};  ///< which go in turn
  std::string input_sha256{};                   ///< of all tracks, see sha256_of_tracks
};

/// `vivace separate` but for the files of the stems: its items are tracks, its stage "network", whose seconds are
/// summed over the workers of a track. Throws as Separator's constructor, and Error(invalid_argument) without tracks.
std::unique_ptr<Target> open_separate_target(const SeparateTargetOptions& options);

}  // namespace vivace::bench
