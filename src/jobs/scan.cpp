#include "jobs/scan.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "base/log.hpp"

namespace vivace::jobs {
namespace {

namespace fs = std::filesystem;

std::string lower_case_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
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
    for (const fs::path& entry : sorted_entries(folder)) {
      std::error_code error;
      if (fs::is_directory(entry, error)) {
        add_folder(entry);
      } else if (is_wanted(entry)) {
        files_.push_back(entry);
      }
    }
  }

  /// True the first time that a folder is met, under whatever name.
  bool enter(const fs::path& folder) {
    struct stat status {};
    return ::stat(folder.c_str(), &status) == 0 && visited_.emplace(status.st_dev, status.st_ino).second;
  }

  bool is_wanted(const fs::path& file) const {
    std::error_code error;
    const fs::file_type type = fs::status(file, error).type();
    if (type != fs::file_type::regular && type != fs::file_type::not_found) return false;
    return std::find(extensions_.begin(), extensions_.end(), lower_case_extension(file)) != extensions_.end();
  }

  static std::vector<fs::path> sorted_entries(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      if (!entry->path().filename().string().starts_with('.')) entries.push_back(entry->path());
    }
    if (error) {
      base::log(base::LogLevel::warning, fmt::format("{}: cannot be read: {}", folder.string(), error.message()));
    }
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
