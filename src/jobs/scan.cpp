#include "jobs/scan.hpp"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "base/modification_time.hpp"

namespace vivace::jobs {
namespace {

namespace fs = std::filesystem;

struct Entry {
  fs::path path;
  std::string name;
};

bool matches_one_of(const std::vector<std::string>& patterns, const fs::path& root, const fs::path& path) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    const bool is_of_name = pattern.find('/') == std::string::npos;
    return ::fnmatch(pattern.c_str(), (is_of_name ? path.filename() : path.lexically_relative(root)).c_str(), 0) == 0;
  });
}

bool is_wanted(const ScanOptions& options, const fs::path& root, const fs::path& path) {
  const std::string extension = base::lower_case(path.extension().string());
  if (std::ranges::find(options.extensions, extension) == options.extensions.end()) return false;
  return options.include.empty() || matches_one_of(options.include, root, path);
}

bool is_shown(const ScanOptions& options, const std::string& name) { return options.hidden || !name.starts_with('.'); }

class Scanner {
 public:
  Scanner(const ScanOptions& options, const FoundFileHandler& handle) : options_(options), handle_(handle) {
    for (const fs::path& folder : options.unsearched) {
      struct stat status {};
      if (::stat(folder.c_str(), &status) == 0) visited_.emplace(status.st_dev, status.st_ino);
    }
  }

  void add_argument(const fs::path& path) {
    root_ = path;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      add_problem(path, errno);
    } else if (S_ISDIR(status.st_mode)) {
      add_folder(path, status);
    } else {
      add_file(path, status);
    }
    ++argument_;
  }

 private:
  void add_folder(const fs::path& folder, const struct stat& status) {
    if (!visited_.emplace(status.st_dev, status.st_ino).second) return;
    const std::optional<std::vector<Entry>> entries = sorted_entries(folder);
    if (!entries) return;
    for (const Entry& entry : *entries) add_entry(entry);
  }

  void add_entry(const Entry& entry) {
    if (matches_one_of(options_.exclude, root_, entry.path)) return;
    struct stat status {};
    if (::lstat(entry.path.c_str(), &status) != 0) return add_unreadable(entry, errno);
    if (S_ISLNK(status.st_mode)) {
      if (options_.links == LinkPolicy::skip) return;
      if (::stat(entry.path.c_str(), &status) != 0) return add_unreadable(entry, errno);
    }
    if (S_ISDIR(status.st_mode)) return add_folder(entry.path, status);
    if (S_ISREG(status.st_mode) && is_wanted(options_, root_, entry.path)) add_file(entry.path, status);
  }

  void add_unreadable(const Entry& entry, int error) {
    if (is_wanted(options_, root_, entry.path)) add_problem(entry.path, error);
  }

  void add_file(const fs::path& path, const struct stat& status) {
    handle_({path, argument_, status.st_size, base::modification_ns(status), {}});
  }

  void add_problem(const fs::path& path, int error) {
    handle_({path, argument_, 0, 0, std::generic_category().message(error)});
  }

  /// Nothing where the folder cannot be read; that is noted.
  std::optional<std::vector<Entry>> sorted_entries(const fs::path& folder) {
    std::vector<Entry> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (is_shown(options_, name)) entries.push_back({entry->path(), std::move(name)});
    }
    if (error) {
      add_problem(folder, error.value());
      return std::nullopt;
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return base::natural_less(a.name, b.name); });
    return entries;
  }

  const ScanOptions& options_;
  const FoundFileHandler& handle_;
  fs::path root_;
  std::size_t argument_ = 0;
  std::set<std::pair<dev_t, ino_t>> visited_;
};

}  // namespace

void scan_files(const std::vector<fs::path>& arguments, const ScanOptions& options, const FoundFileHandler& handle) {
  Scanner scanner(options, handle);
  for (const fs::path& argument : arguments) scanner.add_argument(argument);
}

std::vector<FoundFile> scan_files(const std::vector<fs::path>& arguments, const ScanOptions& options) {
  std::vector<FoundFile> files;
  scan_files(arguments, options, [&](FoundFile&& file) { files.push_back(std::move(file)); });
  return files;
}

bool would_find(const fs::path& root, const fs::path& path, const ScanOptions& options) {
  fs::path at = root;
  for (const fs::path& part : path.lexically_relative(root)) {
    at /= part;
    if (part == ".." || !is_shown(options, part.string()) || matches_one_of(options.exclude, root, at)) return false;
    if (std::ranges::find(options.unsearched, at) != options.unsearched.end()) return false;
  }
  return is_wanted(options, root, path);
}

std::vector<fs::path> scan(const std::vector<fs::path>& arguments, const std::vector<std::string>& extensions) {
  std::vector<fs::path> paths;
  for (FoundFile& file : scan_files(arguments, {extensions})) paths.push_back(std::move(file.path));
  return paths;
}

const std::vector<std::string>& audio_extensions() {
  static const std::vector<std::string> extensions = {".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape",
                                                      ".au",  ".caf", ".dsf", ".flac", ".m4a",  ".m4b", ".mka",
                                                      ".mp2", ".mp3", ".mp4", ".mpc",  ".oga",  ".ogg", ".opus",
                                                      ".tta", ".wav", ".w64", ".webm", ".wma",  ".wv"};
  return extensions;
}

}  // namespace vivace::jobs
