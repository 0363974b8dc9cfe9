#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/download.hpp"
#include "model/essentia_import.hpp"
#include "model/store.hpp"

namespace vivace::model {

struct PullOptions {
  bool accept_licence = false;
  /// Told which file of the model is on its way and how far it is.
  std::function<void(const std::string& file, std::uint64_t done, std::uint64_t total)> progress;
  std::stop_token stop;
  DownloadPolicy policy;
};

/// Gets a model of the catalog and installs it whole or not at all. What was downloaded before a cut is kept and
/// continued by the next call. A model that is installed where new ones go, with every file as its manifest says, is
/// left as it is. Throws Error: not_found (not in the catalog), invalid_argument (the licence is not accepted; the
/// message has its name and address), unavailable (another pull of it is running), and as download, import_essentia and
/// Store::install.
ImportedModel pull(const std::string& name, const PullOptions& options, const Store& store = Store::from_environment());

/// The same for an entry that need not be in the catalog.
ImportedModel pull(const CatalogEntry& entry, const PullOptions& options, const Store& store);

}  // namespace vivace::model
