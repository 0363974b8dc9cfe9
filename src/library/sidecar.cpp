#include "library/sidecar.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "base/log.hpp"
#include "library/track_row.hpp"
#include "tasks/analyze/feature_text.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLargestSidecar = std::size_t{64} << 20U;
constexpr int kDeepest = 100;  // the library for JSON goes as deep as it is nested
constexpr const char* kReasons = "reasons";

/// What is no JSON, or nested too deep, is discarded.
json parse(const std::string& text) {
  bool too_deep = false;
  const auto keep = [&](int depth, json::parse_event_t, const json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  json content = json::parse(text, keep, false);
  return too_deep ? json(json::value_t::discarded) : content;
}

/// What is in a sidecar; an empty object where there is none, nothing where it is something else.
std::optional<json> read_sidecar(const fs::path& path) {
  std::error_code status;
  if (!fs::exists(path, status)) return json::object();
  if (fs::is_regular_file(path, status) && fs::file_size(path, status) > kLargestSidecar) return std::nullopt;
  json content = parse(base::read_file(path, kLargestSidecar));
  if (!content.is_object()) return std::nullopt;
  if (content.contains(kReasons) && !content[kReasons].is_object()) return std::nullopt;
  return content;
}

void set_properties(json& content, const TrackProperties& properties) {
  content["duration_s"] = properties.duration_s;
  content["sample_rate_hz"] = properties.sample_rate_hz;
  content["channels"] = properties.channels;
  content["container"] = properties.container;
  content["codec"] = properties.codec;
  content["truncated"] = properties.truncated;
}

void set_fields(json& content, const std::vector<analyze::FieldInfo>& fields,
                const std::vector<analyze::FieldValue>& values) {
  json& reasons = content[kReasons];
  if (reasons.is_null()) reasons = json::object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    content[fields[i].name] = analyze::to_json(values[i].value);
    values[i].reason.empty() ? void(reasons.erase(fields[i].name)) : void(reasons[fields[i].name] = values[i].reason);
  }
}

/// What the sidecar is to hold; nothing where it does, or is to be left alone.
std::optional<json> new_content(const fs::path& path, const TrackOutcome& outcome,
                                const std::vector<StoredFeatureSet>& sets) {
  const std::optional<json> before = read_sidecar(path);
  if (!before) {
    base::log(base::LogLevel::warning, path.string() + ": holds no JSON object of ours; it is left alone");
    return std::nullopt;
  }
  json content = *before;
  set_properties(content, *outcome.properties);
  for (const SetOutcome& set : outcome.sets) set_fields(content, sets[set.set].set.fields, set.values);
  return content != *before ? std::optional(std::move(content)) : std::nullopt;
}

/// Who writes it has taken the track on, and knows at least as much of it.
bool is_being_written(const fs::path& path) {
  try {
    base::require_not_being_written(path.string() + ".partial");
    return false;
  } catch (const Error&) {
    return true;
  }
}

/// The content is made again when nobody else can write it any more.
void update(const fs::path& path, const TrackOutcome& outcome, const std::vector<StoredFeatureSet>& sets) {
  if (!new_content(path, outcome, sets) || is_being_written(path)) return;
  base::AtomicFile file(path);
  const std::optional<json> content = new_content(path, outcome, sets);
  if (!content) return;
  file.write(content->dump(2, ' ', false, json::error_handler_t::replace) + '\n');
  file.commit();
}

/// An outcome as it was when the database got it.
TrackOutcome stored_outcome(Database& database, const TrackRow& track, const std::vector<StoredFeatureSet>& sets) {
  TrackOutcome outcome{{track.id, track.path, track.size, track.mtime_ns}, track.properties, {}};
  for (std::size_t i = 0; i < sets.size(); ++i) {
    outcome.sets.push_back({i, values_of(database, sets[i], track.id), 0, {}});
  }
  return outcome;
}

/// Those that no process works on: who does writes their sidecars.
std::vector<std::int64_t> tracks_to_refresh(Database& database) {
  std::vector<std::int64_t> tracks;
  Query rows(database,
             "SELECT id FROM tracks JOIN temp.selection ON track = id WHERE duration_s IS NOT NULL AND id NOT IN "
             "(SELECT track FROM leases) ORDER BY path");
  while (rows.step()) tracks.push_back(rows.integer(0));
  return tracks;
}

std::optional<TrackRow> find_track(Database& database, std::int64_t track) {
  Query row(database, select_tracks("WHERE id = ?"), track);
  return row.step() ? std::optional(read_track_row(row)) : std::nullopt;
}

}  // namespace

fs::path sidecar_path(const fs::path& track) { return track.string() + ".json"; }

void write_sidecar(const TrackOutcome& outcome, const std::vector<StoredFeatureSet>& sets) {
  try {
    update(sidecar_path(outcome.file.path), outcome, sets);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::resource_exhausted) throw;
    base::log(base::LogLevel::warning, error.what());
  }
}

void refresh_sidecars(Database& database) {
  database.run([&] {
    const std::vector<StoredFeatureSet> sets = stored_feature_sets(database);
    for (const std::int64_t track : tracks_to_refresh(database)) {
      const std::optional<TrackRow> row = find_track(database, track);
      if (row && row->properties) write_sidecar(stored_outcome(database, *row, sets), sets);
    }
  });
}

}  // namespace vivace::library
