#include "model/pull.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/sha256.hpp"
#include "model/staging_lock.hpp"
#include "model/verify.hpp"
#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

const CatalogEntry& entry_of(const std::string& name) {
  if (const CatalogEntry* entry = find_in_catalog(name)) return *entry;
  std::vector<std::string> known;
  for (const CatalogEntry& entry : catalog()) known.push_back(entry.name);
  throw Error(ErrorCode::not_found, fmt::format("model {}", in_quotes(name)),
              fmt::format("not in the catalog{} (it has: {})", did_you_mean(name, known), fmt::join(known, ", ")));
}

void require_acceptance(const CatalogEntry& entry, bool accepted) {
  if (accepted) return;
  throw Error(ErrorCode::invalid_argument, fmt::format("model '{}'", entry.name),
              fmt::format("its licence is {}: read {} and, if you agree, repeat with --accept-licence", entry.licence,
                          entry.licence_url));
}

std::optional<ImportedModel> sound_copy(const fs::path& folder) {
  try {
    Manifest manifest = read_manifest(folder);
    verify(folder, manifest);
    return ImportedModel{folder, std::move(manifest), {}};
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// True for a pinned file that an earlier call has got already.
bool is_here(const CatalogFile& file, const fs::path& target) {
  std::error_code status;
  return !file.sha256.empty() && fs::exists(target, status) && base::sha256_of_file(target) == file.sha256;
}

fs::path fetch(const CatalogFile& file, const fs::path& folder, const PullOptions& options) {
  fs::path target = folder / fs::path(file.path).filename();
  if (is_here(file, target)) return target;
  const DownloadProgress progress = [&](std::uint64_t done, std::uint64_t total) {
    if (options.progress) options.progress(target.filename().string(), done, total);
  };
  download({catalog_url(file), target, file.bytes, file.sha256}, progress, options.stop, options.policy);
  return target;
}

ImportOptions import_options(const CatalogEntry& entry) {
  ImportOptions options;
  options.name = entry.name;
  options.licence = entry.licence;
  options.licence_url = entry.licence_url;
  options.source = catalog_url(entry.graph);
  return options;
}

}  // namespace

ImportedModel pull(const std::string& name, const PullOptions& options, const Store& store) {
  return pull(entry_of(name), options, store);
}

ImportedModel pull(const CatalogEntry& entry, const PullOptions& options, const Store& store) {
  if (auto installed = sound_copy(store.install_root() / entry.name)) return *std::move(installed);
  require_acceptance(entry, options.accept_licence);
  const fs::path staging = store.staging_folder(entry.name);
  const StagingLock lock(staging);
  const fs::path metadata = fetch(entry.metadata, staging, options);
  const fs::path graph = fetch(entry.graph, staging, options);
  std::error_code ignored;
  fs::remove_all(staging / "imported", ignored);
  ImportedModel imported = stage_essentia(graph, metadata, staging / "imported", import_options(entry));
  imported.folder = store.install(imported.folder);
  fs::remove_all(staging, ignored);
  return imported;
}

}  // namespace vivace::model
