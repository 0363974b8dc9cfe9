#include "cli/library_output.hpp"

#include <filesystem>
#include <system_error>

#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

namespace fs = std::filesystem;

/// Also of files that are not there yet.
bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  return fs::weakly_canonical(a, error) == fs::weakly_canonical(b, error);
}

}  // namespace

void require_other_file(const std::string& library, const std::string& output) {
  std::error_code error;
  const fs::path file = fs::weakly_canonical(library, error);
  for (const char* end : {"", "-wal", "-shm", "-journal"}) {
    if (!is_same_file(file.string() + end, output)) continue;
    throw Error(ErrorCode::invalid_argument, output,
                "is the library that is read, or a part of it; write to another file");
  }
}

}  // namespace vivace::cli
