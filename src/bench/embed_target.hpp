#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/target.hpp"
#include "vivace/embed.hpp"

namespace vivace::bench {

struct EmbedTargetOptions {
  std::string name;  ///< as the user named the tracks
  EmbedOptions embed{};
  std::vector<std::filesystem::path> tracks{};  ///< which go in turn
  std::string input_sha256{};                   ///< of all tracks, see sha256_of_tracks
};

/// SHA-256 over the SHA-256 of all files. Reads them all.
std::string sha256_of_tracks(const std::vector<std::filesystem::path>& tracks);

/// `vivace embed` as a whole: its items are tracks, its stages "decode", "resample", "mel" and "model". Throws as
/// Embedder's constructor, and Error(invalid_argument) without tracks.
std::unique_ptr<Target> open_embed_target(const EmbedTargetOptions& options);

}  // namespace vivace::bench
