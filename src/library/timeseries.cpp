#include "library/timeseries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <system_error>
#include <utility>

#include "library/query.hpp"
#include "tasks/analyze/curve_file.hpp"
#include "vivace/error.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

void require_different_names(const std::vector<fs::path>& roots) {
  std::set<fs::path> names;
  for (const fs::path& root : roots) {
    if (names.insert(root.filename()).second) continue;
    throw Error(ErrorCode::invalid_argument, root.string(),
                "has the name of another folder of this run; their files of curves would mix: analyze them one by one");
  }
}

bool is_below(const fs::path& root, const fs::path& path) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error(ErrorCode::unavailable, folder.string(), "the folder cannot be made: " + error.message());
  }
}

}  // namespace

CurveFiles::CurveFiles(fs::path folder, std::string format, std::vector<fs::path> roots)
    : folder_(std::move(folder)), format_(std::move(format)), roots_(std::move(roots)) {
  require_different_names(roots_);
  make_folder(folder_);
}

fs::path CurveFiles::path_of(const fs::path& track) const {
  const auto root = std::ranges::find_if(roots_, [&](const fs::path& each) { return is_below(each, track); });
  fs::path below = root == roots_.end() || *root == track ? track.filename() : track.lexically_relative(*root);
  if (roots_.size() > 1 && root != roots_.end() && *root != track) below = root->filename() / below;
  return folder_ / (below += "." + format_);
}

void CurveFiles::write(const fs::path& track, std::span<const analyze::Curve> curves) const {
  const fs::path path = path_of(track);
  make_folder(path.parent_path());
  analyze::write_curves(path, format_, curves);
}

void reopen_without_curves(Database& database, Results& results, const CurveFiles& files) {
  std::vector<std::int64_t> tracks;
  for (const OpenTrack& track : results.open_tracks()) tracks.push_back(track.id);
  {
    Query analysed(database,
                   "SELECT id, path FROM tracks JOIN temp.selection ON track = id "
                   "WHERE duration_s IS NOT NULL");
    while (analysed.step()) {
      std::error_code status;
      if (!fs::exists(files.path_of(analysed.text(1)), status)) tracks.push_back(analysed.integer(0));
    }
  }
  for (const std::int64_t track : tracks) results.reopen_track(track);
}

}  // namespace vivace::library
