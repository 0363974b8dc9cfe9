#include "model/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

constexpr const char* kRemedy = "install the model again";

/// True where `path`, links followed, lies below `folder`.
bool lies_inside(const fs::path& folder, const fs::path& path) {
  std::error_code status;
  const fs::path root = fs::canonical(folder, status);
  if (status) return false;
  const fs::path real = fs::canonical(path, status);
  if (status) return false;
  return std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
}

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(ErrorCode::corrupt_data, path.string(), fmt::format("{}; {}", what, kRemedy));
}

void verify_file(const fs::path& folder, const ModelFile& file, const base::KnownDigests& known) {
  const fs::path path = folder / file.path;
  std::error_code status;
  if (!fs::exists(path, status)) refuse(path, "is missing");
  if (!fs::is_regular_file(path, status)) refuse(path, "is not a file");
  if (!lies_inside(folder, path)) refuse(path, "is a link that leads out of the model's folder");
  const std::uintmax_t bytes = fs::file_size(path, status);
  if (status || bytes != file.bytes) refuse(path, fmt::format("is {} bytes, expected {}", bytes, file.bytes));
  const std::string sha256 = known.sha256_of(path);
  if (sha256 != file.sha256) refuse(path, fmt::format("has SHA-256 {}, expected {}", sha256, file.sha256));
}

}  // namespace

void verify(const fs::path& folder, const Manifest& manifest, const base::KnownDigests& known) {
  for (const ModelFile& file : manifest.files) verify_file(folder, file, known);
}

void verify(const fs::path& folder, const Manifest& manifest) { verify(folder, manifest, base::KnownDigests({})); }

void verify(const fs::path& folder) { verify(folder, read_manifest(folder)); }

}  // namespace vivace::model
