#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::model {

/// Where the Music Technology Group publishes Essentia's models.
inline constexpr const char* kEssentiaModelsUrl = "https://essentia.upf.edu/models";

/// The terms under which it does.
inline constexpr const char* kEssentiaLicence = "CC-BY-NC-SA-4.0";
inline constexpr const char* kEssentiaLicenceUrl = "https://creativecommons.org/licenses/by-nc-sa/4.0/";

/// A file on a publisher's server.
struct CatalogFile {
  std::string path;         ///< below the publisher's base address
  std::uint64_t bytes = 0;  ///< the exact size, or where `sha256` is empty the largest that is accepted
  std::string sha256;       ///< empty: not pinned; whatever the publisher serves is checked for its form only
};

/// A model that `pull` can get: a graph and its metadata as Essentia publishes them.
struct CatalogEntry {
  std::string name;
  std::string description;
  std::string licence;  ///< an SPDX expression
  std::string licence_url;
  CatalogFile graph;
  CatalogFile metadata;
};

/// All entries, extractors first.
const std::vector<CatalogEntry>& catalog();

/// The entry with this name, nullptr where there is none.
const CatalogEntry* find_in_catalog(std::string_view name);

/// The full address of a file: below `VIVACE_MODEL_BASE_URL` where that is set (a mirror), else at the publisher's.
std::string catalog_url(const CatalogFile& file);

}  // namespace vivace::model
