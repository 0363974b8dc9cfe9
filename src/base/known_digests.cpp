#include "base/known_digests.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <ctime>
#include <optional>

#include "base/cache_folder.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::base {
namespace {

constexpr std::size_t kLongestEntry = std::size_t{16} * 1024;
constexpr std::time_t kSettledAfterS = 2;

/// What tells whether a file is still the one that was read; nothing for a file that is not there, or just changed.
std::optional<std::string> identity_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || status.st_ctim.tv_sec + kSettledAfterS > std::time(nullptr)) {
    return std::nullopt;
  }
  return fmt::format("{} {} {} {}.{:09} {}.{:09}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

std::string sha256_of_text(const std::string& text) {
  Sha256 digest;
  digest.update(text);
  return digest.finish();
}

/// The digest that was remembered for this identity; empty where there is none.
std::string remembered(const fs::path& entry, const std::string& identity) {
  if (!is_ours_alone(entry.parent_path()) || !is_ours_alone(entry)) return "";
  try {
    const std::string text = read_file(entry, kLongestEntry);
    const std::size_t end = text.find('\n');
    if (text.substr(0, end) != identity || end == std::string::npos) return "";
    std::string sha256 = text.substr(end + 1);
    return is_sha256(sha256) ? sha256 : "";
  } catch (const Error&) {
    return "";
  }
}

void remember(const fs::path& entry, const std::string& identity, const std::string& sha256) {
  if (!make_private_folder(entry.parent_path())) return;
  try {
    AtomicFile file(entry);
    file.write(identity + "\n" + sha256);
    file.commit();
  } catch (const Error&) {  // it is read again the next time
  }
}

}  // namespace

KnownDigests KnownDigests::from_environment() {
  const fs::path cache = cache_folder();
  return KnownDigests(cache.empty() ? cache : cache / "verified");
}

std::string KnownDigests::sha256_of(const fs::path& file) const {
  const std::optional<std::string> before = identity_of(file);
  if (folder_.empty() || !before) return sha256_of_file(file);
  const fs::path entry = folder_ / sha256_of_text(fs::absolute(file).lexically_normal().string());
  if (std::string known = remembered(entry, *before); !known.empty()) return known;
  std::string sha256 = sha256_of_file(file);
  if (identity_of(file) == before) remember(entry, *before, sha256);
  return sha256;
}

}  // namespace vivace::base
