#pragma once

#include <filesystem>

#include "base/known_digests.hpp"
#include "model/manifest.hpp"

namespace vivace::model {

/// Compares every file of a model with its manifest. Throws Error(corrupt_data) for a file that is missing, no plain
/// file, outside the folder (by a link), or of another size or SHA-256; it names the file, the expected and the actual.
void verify(const std::filesystem::path& folder, const Manifest& manifest);

/// The same, but files that are known and unchanged are not read.
void verify(const std::filesystem::path& folder, const Manifest& manifest, const base::KnownDigests& known);

/// The same for the manifest in the folder; throws as read_manifest too.
void verify(const std::filesystem::path& folder);

}  // namespace vivace::model
