#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "library/below_roots.hpp"
#include "library/database.hpp"
#include "library/results.hpp"
#include "tasks/analyze/feature.hpp"

namespace vivace::library {

/// The files with the curves of a library's tracks: one a track, in a folder that looks like the library. Safe from
/// many threads.
class CurveFiles {
 public:
  /// `folder` is made where it is not there. `format` is one of analyze::curve_formats(). A track is
  /// `<folder>/<its path as BelowRoots has it>.<format>`. Throws Error as BelowRoots.
  CurveFiles(std::filesystem::path folder, std::string format, std::vector<std::filesystem::path> roots);

  std::filesystem::path path_of(const std::filesystem::path& track) const;

  /// Also of a track without curves, so that it is seen to be done. Throws Error where the file cannot be written.
  void write(const std::filesystem::path& track, std::span<const analyze::Curve> curves) const;

 private:
  std::filesystem::path folder_;
  std::string format_;
  BelowRoots below_;
};

/// Lets all sets of `results` count as not there for the tracks of the selection that miss their file of curves, or one
/// of the sets: a file is written whole. Throws SQLite::Exception, and belongs into a transaction.
void reopen_without_curves(Database& database, Results& results, const CurveFiles& files);

}  // namespace vivace::library
