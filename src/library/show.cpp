#include "library/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/files.hpp"
#include "library/feature_tables.hpp"
#include "library/query.hpp"
#include "tasks/analyze/feature_text.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kLabelWidth = 14;

std::string line(const std::string& label, const std::string& value) {
  return fmt::format("{:<{}}  {}\n", label, kLabelWidth, value);
}

std::string describe_file(Database& database, std::int64_t track) {
  Query row(database,
            "SELECT path, size, datetime(mtime_ns / 1000000000, 'unixepoch'), content_hash, state, duration_s, "
            "sample_rate_hz, channels, container, codec, truncated FROM tracks WHERE id = ?",
            track);
  if (!row.step()) throw Error(ErrorCode::not_found, database.path(), fmt::format("no track {}", track));
  std::string text = line("path", base::to_valid_utf8(row.text(0)));
  text += line("file", fmt::format("{} bytes, changed {} UTC{}", row.integer(1), row.text(2),
                                   row.text(4) == "missing" ? ", no longer there" : ""));
  if (!row.is_null(3)) text += line("sha256", row.text(3));
  if (row.is_null(5)) return text;
  return text + line("audio", fmt::format("{:.3f} s, {} Hz, {} channels, {} in {}{}", row.number(5), row.integer(6),
                                          row.integer(7), row.text(9), row.text(8),
                                          row.integer(10) != 0 ? ", cut short or damaged" : ""));
}

/// Why there is nothing of a set, or nothing sure; nothing where all is well.
std::optional<std::string> problem_of(Database& database, const StoredFeatureSet& set, std::int64_t track) {
  Query row(database,
            "SELECT state, error_code, error_message, version, configuration_hash FROM results "
            "WHERE track = ? AND feature_set = ?",
            track, set.id);
  if (!row.step()) return "not yet analysed";
  if (row.text(0) == "failed") return fmt::format("failed: {}: {}", row.text(1), row.text(2));
  const bool current =
      row.text(0) == "done" && row.integer(3) == set.set.version && row.text(4) == set.configuration_hash;
  return current ? std::nullopt : std::optional<std::string>("out of date");
}

std::string describe_set(Database& database, const StoredFeatureSet& set, std::int64_t track, std::size_t width) {
  const std::optional<std::string> problem = problem_of(database, set, track);
  std::string text = fmt::format("\n{}{}\n", set.set.name, problem ? ": " + *problem : "");
  const std::vector<analyze::FieldValue> values = values_of(database, set, track);
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += "  " + analyze::to_line(set.set.fields[i], values[i], width);
  }
  return text;
}

std::size_t widest_name(const std::vector<StoredFeatureSet>& sets) {
  std::size_t width = 0;
  for (const StoredFeatureSet& set : sets) {
    for (const analyze::FieldInfo& field : set.set.fields) width = std::max(width, field.name.size());
  }
  return width;
}

}  // namespace

std::vector<TrackName> find_tracks(Database& database, const std::string& part) {
  return database.run([&] {
    std::vector<TrackName> tracks;
    Query rows(database, "SELECT id, path FROM tracks WHERE instr(lower(path), lower(?)) > 0 ORDER BY path", part);
    while (rows.step()) tracks.push_back({rows.integer(0), rows.text(1)});
    const auto exact =
        std::find_if(tracks.begin(), tracks.end(), [&](const auto& track) { return track.path == part; });
    return exact == tracks.end() ? tracks : std::vector<TrackName>{*exact};
  });
}

std::string describe_track(Database& database, std::int64_t track) {
  return database.run([&] {
    std::string text = describe_file(database, track);
    const std::vector<StoredFeatureSet> sets = stored_feature_sets(database);
    const std::size_t width = widest_name(sets);
    for (const StoredFeatureSet& set : sets) text += describe_set(database, set, track, width);
    return text;
  });
}

}  // namespace vivace::library
