#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::test {

/// Text manifests that are right in all.
std::string extractor_toml();
std::string head_toml();

/// Writes `<parent>/<name>` with a file of a few bytes and a manifest that fits.
std::filesystem::path write_extractor(const std::filesystem::path& parent, const std::string& name,
                                      std::size_t dimension = 1280);
std::filesystem::path write_head(const std::filesystem::path& parent, const std::string& name,
                                 const std::string& extractor, std::size_t dimension = 1280);

/// Metadata as Essentia publishes it for Discogs-EffNet (two classes instead of 400) and for a head.
nlohmann::json effnet_metadata();
nlohmann::json head_metadata();

}  // namespace vivace::test
