#include "runtime/graph_cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "base/cache_folder.hpp"
#include "base/files.hpp"
#include "base/known_digests.hpp"
#include "base/sha256.hpp"
#include "runtime/graph_size.hpp"
#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::runtime {
namespace {

constexpr std::uintmax_t kSmallestGraph = 256 * 1024;
constexpr std::chrono::hours kLongestWriting{1};
constexpr std::uintmax_t kMostBytes = std::uintmax_t{4} << 30;
constexpr std::size_t kMostDigestBytes = 128;  // of the graph and of its weights

/// A private folder that is removed, with all that is in it, when it goes.
class WorkingFolder {
 public:
  explicit WorkingFolder(fs::path path) : path_(std::move(path)) {
    fs::create_directory(path_);
    fs::permissions(path_, fs::perms::owner_all);
  }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;
  ~WorkingFolder() {
    std::error_code status;
    fs::remove_all(path_, status);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// What a process that ended half-way has left behind.
bool is_left_over(const fs::directory_entry& entry) {
  std::error_code status;
  const fs::file_time_type written = entry.last_write_time(status);
  return entry.path().extension() == ".partial" && !status &&
         written + kLongestWriting < fs::file_time_type::clock::now();
}

}  // namespace

GraphCache GraphCache::from_environment() {
  const fs::path cache = base::cache_folder();
  return GraphCache(cache.empty() ? cache : cache / "graphs");
}

std::optional<std::string> GraphCache::key_of(const fs::path& graph, const std::string& circumstances) const {
  std::error_code status;
  const std::uintmax_t bytes = fs::file_size(graph, status);
  if (folder_.empty() || status || bytes < kSmallestGraph) return std::nullopt;
  base::Sha256 digest;
  digest.update(base::KnownDigests::from_environment().sha256_of(graph));
  digest.update("\n" + circumstances);
  const std::string key = digest.finish();
  if (!fs::exists(digest_file(key), status) && !external_weights(graph).empty()) return std::nullopt;
  return key;
}

std::optional<fs::path> GraphCache::find(const std::string& key) const {
  const fs::path graph = graph_file(key);
  const fs::path weights = weights_file(key);
  std::error_code status;
  const bool has_weights = fs::exists(weights, status);
  if (!base::is_ours_alone(folder_) || !base::is_ours_alone(graph) || !base::is_ours_alone(digest_file(key)) ||
      (has_weights && !base::is_ours_alone(weights))) {
    return std::nullopt;
  }
  try {
    const base::KnownDigests digests = base::KnownDigests::from_environment();
    const std::string digest = digests.sha256_of(graph) + (has_weights ? digests.sha256_of(weights) : "");
    if (base::read_file(digest_file(key), kMostDigestBytes) != digest) return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
  ::utimensat(AT_FDCWD, digest_file(key).c_str(), nullptr, 0);  // used now
  return graph;
}

bool GraphCache::keep(const std::string& key,
                      const std::function<void(const fs::path&, const std::string&)>& write) const {
  if (!base::make_private_folder(folder_)) return false;
  static std::atomic<unsigned> count = 0;  // threads may keep the same graph at the same time
  std::optional<WorkingFolder> working;
  try {
    working.emplace(folder_ / fmt::format("{}.{}.{}.partial", key, ::getpid(), ++count));
  } catch (const fs::filesystem_error&) {
    return false;
  }
  const fs::path graph = working->path() / graph_file(key).filename();
  const fs::path weights = working->path() / weights_file(key).filename();
  write(graph, weights.filename());
  try {
    publish(key, graph, weights);
  } catch (const Error&) {
    return false;
  } catch (const fs::filesystem_error&) {
    return false;
  }
  make_room();
  return true;
}

void GraphCache::publish(const std::string& key, const fs::path& graph, const fs::path& weights) const {
  std::string sums = base::sha256_of_file(graph);
  base::AtomicFile digest(digest_file(key));
  if (fs::exists(weights)) {
    sums += base::sha256_of_file(weights);
    fs::permissions(weights, fs::perms::owner_read | fs::perms::owner_write);
    fs::rename(weights, weights_file(key));
  }
  fs::permissions(graph, fs::perms::owner_read | fs::perms::owner_write);
  fs::rename(graph, graph_file(key));
  digest.write(sums);
  digest.commit();
}

void GraphCache::drop(const std::string& key) const {
  std::error_code status;
  fs::remove(digest_file(key), status);
  fs::remove(graph_file(key), status);
  fs::remove(weights_file(key), status);
}

void GraphCache::make_room() const {
  struct Kept {
    fs::file_time_type used;
    std::uintmax_t bytes;
    std::string key;
  };
  std::vector<Kept> all;
  std::uintmax_t bytes = 0;
  std::error_code status;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, status)) {
    if (is_left_over(entry)) fs::remove_all(entry.path(), status);
    if (entry.path().extension() != ".onnx") continue;
    const std::string key = entry.path().stem().string();
    std::error_code missing;
    const std::uintmax_t weights = fs::file_size(weights_file(key), missing);
    const std::uintmax_t together = entry.file_size(status) + (missing ? 0 : weights);
    all.push_back({fs::last_write_time(digest_file(key), missing), together, key});
    bytes += all.back().bytes;
  }
  std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) { return a.used < b.used; });
  for (const Kept& kept : all) {
    if (bytes <= kMostBytes) return;
    drop(kept.key);
    bytes -= kept.bytes;
  }
}

}  // namespace vivace::runtime
