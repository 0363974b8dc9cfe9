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
constexpr const char* kReasons = "reasons";

/// What is in a sidecar; an empty object where there is none, nothing where it is something else.
std::optional<json> read_sidecar(const fs::path& path) {
  std::error_code status;
  if (!fs::exists(path, status)) return json::object();
  json content = json::parse(base::read_file(path, kLargestSidecar), nullptr, false);
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

void write(const fs::path& path, const json& content) {
  base::AtomicFile file(path);
  file.write(content.dump(2, ' ', false, json::error_handler_t::replace) + '\n');
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

}  // namespace

fs::path sidecar_path(const fs::path& track) { return track.string() + ".json"; }

void write_sidecar(const TrackOutcome& outcome, const std::vector<StoredFeatureSet>& sets) {
  const fs::path path = sidecar_path(outcome.file.path);
  const std::optional<json> before = read_sidecar(path);
  if (!before) {
    return base::log(base::LogLevel::warning, path.string() + ": holds no JSON object of ours; it is left alone");
  }
  json content = *before;
  set_properties(content, *outcome.properties);
  for (const SetOutcome& set : outcome.sets) set_fields(content, sets[set.set].set.fields, set.values);
  if (content != *before) write(path, content);
}

void refresh_sidecars(Database& database) {
  database.run([&] {
    const std::vector<StoredFeatureSet> sets = stored_feature_sets(database);
    Query rows(database, select_tracks("JOIN temp.selection ON track = id WHERE duration_s IS NOT NULL ORDER BY path"));
    while (rows.step()) write_sidecar(stored_outcome(database, read_track_row(rows), sets), sets);
  });
}

}  // namespace vivace::library
