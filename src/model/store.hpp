#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/manifest.hpp"

namespace vivace::model {

struct InstalledModel {
  std::string name;  ///< of its folder
  std::filesystem::path folder;
  std::optional<Manifest> manifest;  ///< none where the model is broken
  std::string problem;               ///< why it is broken
};

/// Folders that hold models, one folder a model. A value; looks at the file system anew with every call.
class Store {
 public:
  /// `search` in the order of precedence; `install`: the first of these that can be written takes new models.
  Store(std::vector<std::filesystem::path> search, std::vector<std::filesystem::path> install);

  /// Searches the entries of `VIVACE_MODELS` (separated by ':'), then `$XDG_DATA_HOME/vivace/models` (where that
  /// is no absolute path `~/.local/share/vivace/models`), then `../share/vivace/models` beside the program and beside
  /// the library. Installs into the first entry of `VIVACE_MODELS` or else the user's folder.
  static Store from_environment();

  const std::vector<std::filesystem::path>& search_path() const { return search_; }

  /// The folder of a model: text with a '/' is the path of a folder; other text is a name that is searched, and at last
  /// a folder here. Throws Error(not_found), which lists what is installed and says how to get a model that the catalog
  /// knows.
  std::filesystem::path find(const std::string& name_or_path) const;

  /// The same without an error, for plain names in the search path only.
  std::optional<std::filesystem::path> find_installed(const std::string& name) const;

  /// Every model that `find` can find by name, broken ones with the reason, in natural order of names.
  std::vector<InstalledModel> list() const;

  /// Where new models go; made if need be. Throws Error(unavailable) where no candidate can be written.
  std::filesystem::path install_root() const;

  /// A folder on the same file system as the models, for work on the model `name`. It stays until it is removed.
  std::filesystem::path staging_folder(const std::string& name) const;

  /// Verifies a staged model, which must lie on the file system of `install_root`, and moves it to its place by
  /// renaming, so that the model is there whole or not at all. An older model of that name gives way. Returns the new
  /// folder.
  std::filesystem::path install(const std::filesystem::path& staged) const;

 private:
  std::string how_to_get(const std::string& name) const;

  std::vector<std::filesystem::path> search_;
  std::vector<std::filesystem::path> install_;
};

}  // namespace vivace::model
