#include "model/store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/files.hpp"
#include "model/catalog.hpp"
#include "model/verify.hpp"
#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

constexpr const char* kStaging = ".staging";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<fs::path> folders_in(const std::string& list) {
  std::vector<fs::path> folders;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    if (end > begin) folders.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return folders;
}

std::optional<fs::path> user_folder() {
  const fs::path data = environment("XDG_DATA_HOME");
  if (data.is_absolute()) return data / "vivace/models";  // others are to be ignored, as the XDG specification says
  if (const std::string home = environment("HOME"); !home.empty()) return fs::path(home) / ".local/share/vivace/models";
  return std::nullopt;
}

bool has_manifest(const fs::path& folder) {
  std::error_code status;
  return fs::is_regular_file(folder / kManifestFile, status);
}

bool can_take_models(const fs::path& root) {
  std::error_code status;
  fs::create_directories(root, status);
  return fs::is_directory(root, status) && ::access(root.c_str(), W_OK | X_OK) == 0;
}

/// The folders of a root that may be models, by name.
std::vector<fs::path> model_folders(const fs::path& root) {
  std::vector<fs::path> folders;
  std::error_code status;
  for (fs::directory_iterator entry(root, status), end; !status && entry != end; entry.increment(status)) {
    std::error_code ignored;
    if (is_model_name(entry->path().filename().string()) && entry->is_directory(ignored)) {
      folders.push_back(entry->path());
    }
  }
  return folders;
}

InstalledModel look_at(const fs::path& folder) {
  InstalledModel model{folder.filename().string(), folder, std::nullopt, ""};
  try {
    Manifest manifest = read_manifest(folder);
    if (manifest.name == model.name) {
      model.manifest = std::move(manifest);
    } else {
      model.problem = fmt::format("its manifest names it '{}'; rename the folder", manifest.name);
    }
  } catch (const Error& error) {
    model.problem = error.what();
  }
  return model;
}

void rename_folder(const fs::path& from, const fs::path& to) {
  std::error_code status;
  fs::rename(from, to, status);
  if (status) {
    throw Error(ErrorCode::unavailable, to.string(),
                fmt::format("'{}' cannot be moved here: {}", from.string(), status.message()));
  }
}

}  // namespace

Store::Store(std::vector<fs::path> search, std::vector<fs::path> install)
    : search_(std::move(search)), install_(std::move(install)) {}

Store Store::from_environment() {
  std::vector<fs::path> search = folders_in(environment("VIVACE_MODELS"));
  std::vector<fs::path> install(search.begin(), search.begin() + (search.empty() ? 0 : 1));
  if (const auto folder = user_folder()) {
    search.push_back(*folder);
    install.push_back(*folder);
  }
  for (const fs::path& folder : {base::executable_folder(), base::library_folder()}) {
    fs::path beside = (folder / "../share/vivace/models").lexically_normal();
    if (std::find(search.begin(), search.end(), beside) == search.end()) search.push_back(std::move(beside));
  }
  return Store(std::move(search), std::move(install));
}

fs::path Store::find(const std::string& name_or_path) const {
  const bool is_path = name_or_path.find('/') != std::string::npos;
  if (!is_path) {
    if (const auto folder = find_installed(name_or_path)) return *folder;
  }
  if (!name_or_path.empty() && has_manifest(name_or_path)) return name_or_path;
  if (is_path) {
    throw Error(ErrorCode::not_found, name_or_path, fmt::format("no model here: the folder has no {}", kManifestFile));
  }
  throw Error(ErrorCode::not_found, fmt::format("model {}", in_quotes(name_or_path)),
              "not installed" + how_to_get(name_or_path));
}

std::optional<fs::path> Store::find_installed(const std::string& name) const {
  if (!is_model_name(name)) return std::nullopt;
  for (const fs::path& root : search_) {
    if (has_manifest(root / name)) return root / name;
  }
  return std::nullopt;
}

std::vector<InstalledModel> Store::list() const {
  std::map<std::string, InstalledModel> models;
  for (const fs::path& root : search_) {
    for (const fs::path& folder : model_folders(root)) {
      InstalledModel model = look_at(folder);
      const auto [known, added] = models.try_emplace(model.name, model);
      if (!added && !has_manifest(known->second.folder)) known->second = std::move(model);
    }
  }
  std::vector<InstalledModel> listed;
  listed.reserve(models.size());
  for (auto& [name, model] : models) listed.push_back(std::move(model));
  std::sort(listed.begin(), listed.end(),
            [](const auto& a, const auto& b) { return base::natural_less(a.name, b.name); });
  return listed;
}

fs::path Store::install_root() const {
  for (const fs::path& root : install_) {
    if (can_take_models(root)) return root;
  }
  std::vector<std::string> tried;
  for (const fs::path& root : install_) tried.push_back(root.string());
  throw Error(ErrorCode::unavailable, "model store",
              fmt::format("no folder can be written (tried: {}); set VIVACE_MODELS to one that can",
                          tried.empty() ? "none" : fmt::format("{}", fmt::join(tried, ", "))));
}

fs::path Store::staging_folder(const std::string& name) const {
  if (!is_model_name(name)) throw Error(ErrorCode::invalid_argument, in_quotes(name), "no model name");
  fs::path folder = install_root() / kStaging / name;
  std::error_code status;
  fs::create_directories(folder, status);
  if (status) throw Error(ErrorCode::unavailable, folder.string(), "cannot be made: " + status.message());
  return folder;
}

fs::path Store::install(const fs::path& staged) const {
  const Manifest manifest = read_manifest(staged);
  verify(staged, manifest);
  const fs::path root = install_root();
  fs::path target = root / manifest.name;
  const fs::path staging = staging_folder(manifest.name);
  const fs::path incoming = staging / "incoming";
  const fs::path replaced = staging / "replaced";
  std::error_code status;
  fs::remove_all(incoming, status);
  fs::remove_all(replaced, status);
  rename_folder(staged, incoming);
  const bool replaces = fs::exists(target, status);
  if (replaces) rename_folder(target, replaced);
  try {
    rename_folder(incoming, target);
  } catch (const Error&) {
    if (replaces) rename_folder(replaced, target);
    throw;
  }
  base::sync_folder(root);
  fs::remove_all(replaced, status);
  fs::remove(staging, status);
  return target;
}

std::string Store::how_to_get(const std::string& name) const {
  std::vector<std::string> installed;
  for (const InstalledModel& model : list()) installed.push_back(model.name);
  const std::string have = installed.empty() ? "none" : fmt::format("{}", fmt::join(installed, ", "));
  if (find_in_catalog(name)) return fmt::format("; get it with 'vivace model pull {}' (installed: {})", name, have);
  std::vector<std::string> known = installed;
  for (const CatalogEntry& entry : catalog()) known.push_back(entry.name);
  return fmt::format(" (installed: {}){}", have, did_you_mean(name, known));
}

}  // namespace vivace::model
