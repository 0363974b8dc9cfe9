#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace vivace::model {

struct Download {
  std::string url;               ///< http or https
  std::filesystem::path target;  ///< its folder exists
  std::uint64_t bytes = 0;       ///< the exact size, or where `sha256` is empty the largest that is accepted
  std::string sha256;            ///< empty: not checked
};

/// Told about bytes on disk and the bytes in all, 0 where they are not known. Called on the caller's thread.
using DownloadProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct DownloadPolicy {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds read_timeout{30'000};  ///< the longest silence of the server
  int attempts = 5;
  std::chrono::milliseconds first_pause{500};  ///< before the second attempt; doubles with each further one
  int redirects = 5;
};

/// Gets a file over HTTP. The bytes are collected in `<target>.part`, checked, synced and renamed, so that `target` is
/// whole or absent. A part left by an earlier call is continued where the file is pinned by its SHA-256. Throws Error:
/// invalid_argument (address), not_found (404, 410), unavailable (no connection, refused; says what to do),
/// corrupt_data (too long, wrong hash; the part is dropped), resource_exhausted (disk), cancelled (the part is kept).
void download(const Download& wanted, const DownloadProgress& progress, const std::stop_token& stop,
              const DownloadPolicy& policy = {});

}  // namespace vivace::model
