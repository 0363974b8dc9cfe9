#include "library/content_hashes.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "base/sha256.hpp"
#include "library/file_state.hpp"
#include "library/query.hpp"

namespace vivace::library {
namespace {

using Clock = std::chrono::steady_clock;
using Digests = std::vector<std::pair<TrackFile, std::string>>;

void store(Database& database, const Digests& digests) {
  database.transaction([&] {
    for (const auto& [file, digest] : digests) {
      execute(database, "UPDATE tracks SET content_hash = ? WHERE id = ? AND size = ? AND mtime_ns = ?", digest,
              file.id, file.size, file.mtime_ns);
    }
  });
}

}  // namespace

std::optional<std::string> content_hash(const std::string& path, std::vector<std::string>& problems) {
  try {
    return base::sha256_of_file(path);
  } catch (const Error& error) {
    problems.emplace_back(error.what());
    return std::nullopt;
  }
}

std::vector<std::string> hash_tracks(Database& database, const std::vector<TrackFile>& tracks,
                                     const std::stop_token& stop) {
  std::vector<std::string> problems;
  std::size_t next = 0;
  while (next < tracks.size() && !stop.stop_requested()) {
    const Clock::time_point end = Clock::now() + kHashingBatch;
    Digests digests;
    for (; next < tracks.size() && !stop.stop_requested() && Clock::now() < end; ++next) {
      std::optional<std::string> digest = content_hash(tracks[next].path, problems);
      if (digest && is_unchanged(tracks[next])) digests.emplace_back(tracks[next], *std::move(digest));
    }
    store(database, digests);
    base::log(base::LogLevel::info, fmt::format("hashed {} of {} files", next, tracks.size()));
  }
  return problems;
}

}  // namespace vivace::library
