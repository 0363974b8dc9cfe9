#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "library/below_roots.hpp"
#include "library/database.hpp"
#include "library/feature_set.hpp"
#include "library/results.hpp"
#include "library/track_analyst.hpp"
#include "tasks/separate/stem_files.hpp"
#include "vivace/separate.hpp"

namespace vivace::library {

/// What the stems of tracks are written to, and by which model.
struct StemJob {
  const Separator& separator;
  separate::StemFileOptions files;
  BelowRoots below;

  /// The files of a track, in the order of the stems.
  std::vector<std::filesystem::path> paths_of(const std::filesystem::path& track) const;
};

/// The feature set "stems": the files of a track's stems and how loud they are. Its configuration is all that decides
/// what is in the files.
FeatureSet stem_set(const StemJob& job);

/// Separates tracks, writes their stems, and tells of them as fields of the set. Throws OutputFull where their disk is
/// full. `job` outlives it.
TrackAnalyst stem_analyst(const StemJob& job);

/// The track, and a line with how loud its stems are and what they leave of the mix; for people. `outcome` has values
/// of the set.
std::string stem_report(const TrackOutcome& outcome, const FeatureSet& set);

/// Throws Error(invalid_argument) where a stem of a track of the selection would be the same file as another track's,
/// of this job or of an earlier one, or as a track. `results` is of the one set of `job`. Throws SQLite::Exception;
/// belongs into a transaction.
void require_files_of_their_own(Database& database, const Results& results, const StemJob& job);

/// Lets the results of tracks of the selection count as not there whose files of stems are missing or were changed.
/// `results` is of the one set of `job`. Throws SQLite::Exception; belongs into a transaction.
void reopen_without_stems(Database& database, Results& results, const StemJob& job);

}  // namespace vivace::library
