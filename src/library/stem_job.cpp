#include "library/stem_job.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/files.hpp"
#include "library/feature_tables.hpp"
#include "library/query.hpp"
#include "library/track_row.hpp"
#include "media/decoder.hpp"
#include "records/sqlite_table.hpp"
#include "vivace/error.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;
using analyze::FieldValue;
using Clock = std::chrono::steady_clock;

// Of each stem, in this order.
constexpr std::size_t kFileField = 0;
constexpr std::size_t kBytesField = 1;
constexpr std::size_t kFieldsOfStem = 4;

// Before those of the stems.
constexpr std::size_t kGainField = 0;
constexpr std::size_t kResidualField = 1;
constexpr std::size_t kFieldsOfTrack = 2;

const char* name_of(separate::ClipMode clip) {
  switch (clip) {
    case separate::ClipMode::rescale: return "rescale";
    case separate::ClipMode::clamp: return "clamp";
    case separate::ClipMode::none: return "none";
  }
  return "";
}

FieldValue decibels(double magnitude) {
  return magnitude > 0 ? analyze::number(20 * std::log10(magnitude)) : analyze::none("silence");
}

void append_fields(std::vector<FieldValue>& values, const fs::path& folder, const fs::path& file,
                   const StemSummary& stem) {
  values.push_back({base::to_valid_utf8(file.lexically_relative(folder).string())});
  values.push_back({static_cast<std::int64_t>(fs::file_size(file))});
  values.push_back(decibels(stem.peak));
  values.push_back(decibels(stem.rms));
}

/// What `write` returns. Errors of the track say which file could not be written; a full disk is no failure of the
/// track.
template <typename Write>
auto written(const Write& write) {
  try {
    return write();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::resource_exhausted) throw OutputFull(error);
    throw Error(error.code(), error.what());
  }
}

/// Separates one track into its files.
class StemTrack {
 public:
  StemTrack(const StemJob& job, const fs::path& path) : job_(job), path_(path), paths_(job.paths_of(path)) {}

  TrackFindings separate(std::size_t set, const std::function<void()>& checkpoint) {
    const media::AudioStreamInfo source = media::Decoder(path_).info();
    separate::StemWriter writer =
        written([&] { return separate::StemWriter(job_.files, job_.separator.model(), paths_, source); });
    const Clock::time_point start = Clock::now();
    double written_s = 0;
    const auto write = [&](const StemStretch& stretch) {
      const Clock::time_point begin = Clock::now();
      written([&] { writer.write(stretch); });
      written_s += std::chrono::duration<double>(Clock::now() - begin).count();
    };
    const SeparationSummary summary = job_.separator.separate_file(path_, write, checkpoint);
    const Clock::time_point end = Clock::now();
    const double gain = written([&] { return writer.finish(); });
    written_s += std::chrono::duration<double>(Clock::now() - end).count();

    TrackFindings findings;
    findings.properties = {summary.duration_s, source.sample_rate, source.channels,
                           source.container,   source.codec,       summary.truncated};
    findings.sets.push_back({set, values(summary, gain), std::chrono::duration<double>(Clock::now() - start).count()});
    findings.times = {{"network", summary.network_s}, {"encode", written_s}};
    return findings;
  }

 private:
  std::vector<FieldValue> values(const SeparationSummary& summary, double gain) const {
    std::vector<FieldValue> values = {decibels(gain)};
    values.push_back(summary.residual_db ? analyze::number(*summary.residual_db)
                                         : analyze::none("the stems are not meant to make up the mix, or do exactly"));
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      append_fields(values, job_.files.folder, paths_[i], summary.stems[i]);
    }
    return values;
  }

  const StemJob& job_;
  const fs::path& path_;
  std::vector<fs::path> paths_;
};

/// Whether all files of stems are as they were written. What the values say of their names is for people: not every
/// name is text.
bool are_whole(const std::vector<FieldValue>& values, const std::vector<fs::path>& files) {
  if (values.size() != kFieldsOfTrack + files.size() * kFieldsOfStem) return false;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto* bytes = std::get_if<std::int64_t>(&values[kFieldsOfTrack + i * kFieldsOfStem + kBytesField].value);
    std::error_code error;
    const std::uintmax_t size = fs::file_size(files[i], error);
    if (error || bytes == nullptr || size != static_cast<std::uintmax_t>(*bytes)) return false;
  }
  return true;
}

/// The tracks of the selection that stems are made of, by the files of these.
using Owners = std::unordered_map<std::string, std::int64_t>;

Owners owners_of_files(Database& database, const StemJob& job) {
  Owners owners;
  Query tracks(database, "SELECT id, path FROM tracks JOIN temp.selection ON track = id ORDER BY path");
  while (tracks.step()) {
    for (const fs::path& file : job.paths_of(tracks.text(1))) {
      const auto [owner, is_new] = owners.emplace(file.string(), tracks.integer(0));
      if (is_new) continue;
      throw Error(ErrorCode::invalid_argument, tracks.text(1),
                  fmt::format("its stems would be the same files as those of {}; use {{track}} and {{trackext}} in "
                              "--names",
                              path_of(database, owner->second)));
    }
  }
  return owners;
}

void require_tracks_to_stay(Database& database, const Owners& owners) {
  Query tracks(database, "SELECT path FROM tracks JOIN temp.selection ON track = id");
  while (tracks.step()) {
    const auto owner = owners.find(tracks.text(0));
    if (owner == owners.end()) continue;
    throw Error(ErrorCode::invalid_argument, tracks.text(0),
                fmt::format("a stem of {} would be written over it; use {{stem}} in --names, or another folder",
                            path_of(database, owner->second)));
  }
}

/// Stems of tracks that are no part of this job, as long as these tracks are there.
void require_other_stems_to_stay(Database& database, const StoredFeatureSet& set, const StemJob& job,
                                 const Owners& owners) {
  for (std::size_t field = kFieldsOfTrack + kFileField; field < set.set.fields.size(); field += kFieldsOfStem) {
    Query others(database, fmt::format("SELECT path, {} FROM {} JOIN tracks ON track = id WHERE track NOT IN "
                                       "(SELECT track FROM temp.selection)",
                                       records::quoted_identifier(set.set.fields[field].name),
                                       records::quoted_identifier(set.table)));
    while (others.step()) {
      const auto owner = owners.find((job.files.folder / others.text(1)).string());
      std::error_code error;
      if (owner == owners.end() || !fs::exists(others.text(0), error)) continue;
      throw Error(ErrorCode::invalid_argument, path_of(database, owner->second),
                  fmt::format("its stems would be written over those of {}; name another folder with -o, or both "
                              "tracks' folders at once",
                              others.text(0)));
    }
  }
}

}  // namespace

std::vector<fs::path> StemJob::paths_of(const fs::path& track) const {
  return separate::stem_paths(files, separator.model(), below(track));
}

FeatureSet stem_set(const StemJob& job) {
  using records::FieldType;
  const SeparateModelInfo& model = job.separator.model();
  FeatureSet set{"stems", "stems", "stems by " + model.name, 1, "", {}};
  const nlohmann::json configuration = {{"model", model.name},
                                        {"sha256", model.sha256},
                                        {"options", model.configuration},
                                        {"format", media::audio_format_name(job.files.format)},
                                        {"bit_rate", job.files.bit_rate},
                                        {"clip", name_of(job.files.clip)},
                                        {"source_rate", job.files.source_rate},
                                        {"tags", job.files.tags},
                                        {"names", job.files.names}};
  set.configuration = configuration.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  set.fields = {
      {"stems.gain_db", FieldType::number, 0, "dB", "… 0", "what all stems were made quieter by, so that none clips"},
      {"stems.residual_db", FieldType::number, 0, "dB", "",
       "energy of what the stems leave out of the mix over that of the mix, before the gain"}};
  for (const std::string& stem : model.stems) {
    const std::string name = "stems." + stem;
    set.fields.push_back({name + ".file", FieldType::text, 0, "", "", "path below the folder of the stems"});
    set.fields.push_back({name + ".bytes", FieldType::integer, 0, "", "", "size of that file"});
    set.fields.push_back({name + ".peak_dbfs", FieldType::number, 0, "dBFS", "", "largest magnitude, before the gain"});
    set.fields.push_back({name + ".rms_dbfs", FieldType::number, 0, "dBFS", "", "root mean square, before the gain"});
  }
  return set;
}

TrackAnalyst stem_analyst(const StemJob& job) {
  return [&job](const fs::path& path, const std::vector<std::size_t>& sets, const std::function<void()>& checkpoint) {
    return StemTrack(job, path).separate(sets.front(), checkpoint);
  };
}

std::string stem_report(const TrackOutcome& outcome, const FeatureSet& set) {
  constexpr std::size_t kPeakField = 2;
  const std::vector<FieldValue>& values = outcome.sets.front().values;
  const auto decibels_of = [&](std::size_t field) {
    const auto* number = std::get_if<double>(&values[field].value);
    return number == nullptr ? std::string("silent") : fmt::format("{:.1f} dB", *number);
  };
  std::string text = base::to_valid_utf8(outcome.file.path.string()) + "\n   ";
  for (std::size_t i = kFieldsOfTrack; i < values.size(); i += kFieldsOfStem) {
    const std::string& field = set.fields[i].name;
    const std::string stem = field.substr(field.find('.') + 1, field.rfind('.') - field.find('.') - 1);
    text += fmt::format(" {} peak {}, level {};", stem, decibels_of(i + kPeakField), decibels_of(i + kPeakField + 1));
  }
  if (std::holds_alternative<double>(values[kResidualField].value)) {
    text += fmt::format(" left of the mix {};", decibels_of(kResidualField));
  }
  return text + fmt::format(" gain {}\n", decibels_of(kGainField));
}

void require_files_of_their_own(Database& database, const Results& results, const StemJob& job) {
  const Owners owners = owners_of_files(database, job);
  require_tracks_to_stay(database, owners);
  require_other_stems_to_stay(database, results.sets().front(), job, owners);
}

void reopen_without_stems(Database& database, Results& results, const StemJob& job) {
  std::vector<std::int64_t> again;
  {
    Query tracks(database, "SELECT id, path FROM tracks JOIN temp.selection ON track = id");
    while (tracks.step()) {
      const std::vector<FieldValue> values = values_of(database, results.sets().front(), tracks.integer(0));
      if (!values.empty() && !are_whole(values, job.paths_of(tracks.text(1)))) again.push_back(tracks.integer(0));
    }
  }
  for (const std::int64_t track : again) results.reopen_track(track);
}

}  // namespace vivace::library
