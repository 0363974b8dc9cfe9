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
};

/// `vivace embed` as a whole: its items are tracks, its stages "decode", "resample", "mel" and "model". Throws as
/// Embedder's constructor, and Error(invalid_argument) without tracks.
std::unique_ptr<Target> open_embed_target(const EmbedTargetOptions& options);

}  // namespace vivace::bench
