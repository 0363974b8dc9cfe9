#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vivace::jobs {

enum class LinkPolicy { follow, skip };

struct ScanOptions {
  std::vector<std::string> extensions;  ///< lower case, with the dot; compared without case
  /// Patterns (`*`, `?`, `[a-z]`). One without `/` is compared with a name, one with it with the path below the folder
  /// that was named, in which `*` matches `/` too. Files must match one of `include` where there are any; files and
  /// folders that match one of `exclude` are passed over.
  std::vector<std::string> include = {};
  std::vector<std::string> exclude = {};
  std::vector<std::filesystem::path> unsearched = {};  ///< folders that are passed over, whatever leads to them
  bool hidden = false;                                 ///< also what begins with a dot
  LinkPolicy links = LinkPolicy::follow;
};

struct FoundFile {
  std::filesystem::path path;
  std::size_t argument = 0;                 ///< the index of the argument that led to it
  std::int64_t size = 0;                    ///< bytes
  std::int64_t mtime_ns = 0;                ///< since 1970
  std::optional<std::string> problem = {};  ///< why it cannot be looked at
};

/// The files that the arguments of a command name: a file stands for itself (whatever its name), a folder for all files
/// below it that the options choose, in natural order. Folders reached twice through links are read once; devices and
/// pipes are passed over. What cannot be looked at stays in the list with its problem: arguments that do not exist,
/// dangling links, folders that cannot be read.
std::vector<FoundFile> scan_files(const std::vector<std::filesystem::path>& arguments, const ScanOptions& options);

/// The same, one file after the other, in memory that does not grow with their number.
using FoundFileHandler = std::function<void(FoundFile&& file)>;
void scan_files(const std::vector<std::filesystem::path>& arguments, const ScanOptions& options,
                const FoundFileHandler& handle);

/// Whether a file `path` below the folder `root` would be found when that is searched, links aside.
bool would_find(const std::filesystem::path& root, const std::filesystem::path& path, const ScanOptions& options);

/// The paths of `scan_files` with only these extensions asked for.
std::vector<std::filesystem::path> scan(const std::vector<std::filesystem::path>& arguments,
                                        const std::vector<std::string>& extensions);

/// Extensions of audio files that a folder is searched for.
const std::vector<std::string>& audio_extensions();

}  // namespace vivace::jobs
