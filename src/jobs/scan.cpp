#include "jobs/scan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/files.hpp"

namespace vivace::jobs {
namespace {

namespace fs = std::filesystem;

bool is_device(fs::file_type type) {
  return type == fs::file_type::block || type == fs::file_type::character || type == fs::file_type::fifo ||
         type == fs::file_type::socket;
}

class Scanner {
 public:
  explicit Scanner(const std::vector<std::string>& extensions) : extensions_(extensions) {}

  void add_argument(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      add_folder(path);
    } else {
      files_.push_back(path);
    }
  }

  std::vector<fs::path> take() { return std::move(files_); }

 private:
  void add_folder(const fs::path& folder) {
    if (!enter(folder)) return;
    const std::optional<std::vector<fs::path>> entries = sorted_entries(folder);
    if (!entries) return files_.push_back(folder);
    for (const fs::path& entry : *entries) {
      std::error_code error;
      if (fs::is_directory(entry, error)) {
        add_folder(entry);
      } else if (is_wanted(entry)) {
        files_.push_back(entry);
      }
    }
  }

  /// False for a folder that was met before, under whatever name.
  bool enter(const fs::path& folder) {
    struct stat status {};
    return ::stat(folder.c_str(), &status) != 0 || visited_.emplace(status.st_dev, status.st_ino).second;
  }

  bool is_wanted(const fs::path& file) const {
    std::error_code error;
    if (is_device(fs::status(file, error).type())) return false;
    const std::string extension = base::lower_case(file.extension().string());
    return std::find(extensions_.begin(), extensions_.end(), extension) != extensions_.end();
  }

  /// Nothing where the folder cannot be read.
  static std::optional<std::vector<fs::path>> sorted_entries(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      if (!entry->path().filename().string().starts_with('.')) entries.push_back(entry->path());
    }
    if (error) return std::nullopt;
    std::sort(entries.begin(), entries.end(), [](const fs::path& a, const fs::path& b) {
      return base::natural_less(a.filename().string(), b.filename().string());
    });
    return entries;
  }

  const std::vector<std::string>& extensions_;
  std::vector<fs::path> files_;
  std::set<std::pair<dev_t, ino_t>> visited_;
};

}  // namespace

std::vector<fs::path> scan(const std::vector<fs::path>& arguments, const std::vector<std::string>& extensions) {
  Scanner scanner(extensions);
  for (const fs::path& argument : arguments) scanner.add_argument(argument);
  return scanner.take();
}

const std::vector<std::string>& audio_extensions() {
  static const std::vector<std::string> extensions = {".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape",
                                                      ".au",  ".caf", ".dsf", ".flac", ".m4a",  ".m4b", ".mka",
                                                      ".mp2", ".mp3", ".mp4", ".mpc",  ".oga",  ".ogg", ".opus",
                                                      ".tta", ".wav", ".w64", ".webm", ".wma",  ".wv"};
  return extensions;
}

}  // namespace vivace::jobs
