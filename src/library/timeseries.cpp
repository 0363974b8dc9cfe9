#include "library/timeseries.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <system_error>
#include <utility>

#include "library/query.hpp"
#include "tasks/analyze/curve_file.hpp"
#include "vivace/error.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error(ErrorCode::unavailable, folder.string(), "the folder cannot be made: " + error.message());
  }
}

}  // namespace

CurveFiles::CurveFiles(fs::path folder, std::string format, std::vector<fs::path> roots)
    : folder_(std::move(folder)), format_(std::move(format)), below_(std::move(roots)) {
  make_folder(folder_);
}

fs::path CurveFiles::path_of(const fs::path& track) const { return folder_ / (below_(track) += "." + format_); }

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
