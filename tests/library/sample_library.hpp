#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jobs/scan.hpp"
#include "library/analyze_job.hpp"
#include "library/catalogue.hpp"
#include "library/database.hpp"
#include "library/query.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::library {

/// A feature set with the fields "<name>.size" and "<name>.vector".
inline FeatureSet sample_set(const std::string& name, int version = 1, const std::string& configuration = "{}") {
  using records::FieldType;
  return {name,
          "feature",
          "a sample",
          version,
          configuration,
          {{name + ".size", FieldType::number, 0, "bytes", "", "size of the file"},
           {name + ".vector", FieldType::vector, 2, "", "", "two numbers"}}};
}

/// "Analyses" files that are no audio: their size, and a vector that is null for empty files.
inline TrackFindings sample_findings(const std::filesystem::path& path, const std::vector<std::size_t>& sets) {
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  TrackFindings findings;
  findings.properties = {size, 44100, 2, "raw", "none", false};
  for (const std::size_t set : sets) {
    analyze::FieldValue vector = analyze::none("empty");
    if (size > 0) {
      vector = {};
      vector.value = std::vector<float>{static_cast<float>(size), 1};
    }
    findings.sets.push_back({set, {analyze::number(size), vector}, 0.5, {}});
  }
  return findings;
}

inline TrackFindings analyse_sample(const std::filesystem::path& path, const std::vector<std::size_t>& sets,
                                    const std::function<void()>& checkpoint) {
  checkpoint();
  return sample_findings(path, sets);
}

/// A folder with files that count as music, and a library of them.
class SampleLibrary {
 public:
  explicit SampleLibrary(std::size_t files) {
    for (std::size_t i = 0; i < files; ++i) {
      test::write_text(music() / ("track " + std::to_string(i) + ".mp3"), std::string(i, 'x'));
    }
  }

  std::filesystem::path music() const { return folder_ / "music"; }
  std::filesystem::path path() const { return folder_ / "music.db"; }

  CatalogueReport scan(Database& database, const CatalogueOptions& options = {}) const {
    const std::vector<std::filesystem::path> roots = absolute_roots({music().string()});
    return update_catalogue(database, roots, {.extensions = {".mp3"}}, options);
  }

  JobOptions job_options() const {
    JobOptions options;
    options.roots = absolute_roots({music().string()});
    return options;
  }

  /// Scans, and does all that is open for these sets.
  JobSummary analyse(Database& database, const std::vector<FeatureSet>& sets,
                     const TrackAnalyst& analyst = analyse_sample,
                     const std::optional<JobOptions>& options = {}) const {
    std::vector<StoredFeatureSet> stored;
    for (const FeatureSet& set : sets) stored.push_back(store_feature_set(database, set));
    Results results(database, std::move(stored));
    scan(database);
    return run_job(database, results, analyst, options.value_or(job_options()),
                   [](const JobEvent*, const JobSummary&) {}, {});
  }

 private:
  test::TemporaryFolder folder_;
};

inline Database open_library(const SampleLibrary& library) {
  return Database(library.path(), Database::Access::write, std::chrono::milliseconds(200));
}

}  // namespace vivace::library
