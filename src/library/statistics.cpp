#include "library/statistics.hpp"

#include <fmt/format.h>

#include "library/feature_tables.hpp"
#include "library/query.hpp"
#include "vivace/error.hpp"

namespace vivace::library {
namespace {

nlohmann::json counts(Database& database, const std::string& sql) {
  nlohmann::json object = nlohmann::json::object();
  Query rows(database, sql);
  while (rows.step()) object[rows.text(0)] = rows.integer(1);
  return object;
}

nlohmann::json describe(Database& database, const StoredFeatureSet& set, std::int64_t tracks) {
  Query row(
      database,
      "SELECT count(*) FILTER (WHERE results.state = 'done'), count(*) FILTER (WHERE results.state = 'failed'), "
      "total(seconds) FROM results JOIN tracks ON id = track WHERE tracks.state = 'present' AND feature_set = ? AND "
      "version = ? AND configuration_hash = ?",
      set.id, set.set.version, set.configuration_hash);
  row.step();
  return {{"name", set.set.name},
          {"kind", set.set.kind},
          {"version", set.set.version},
          {"fields", set.set.fields.size()},
          {"done", row.integer(0)},
          {"failed", row.integer(1)},
          {"open", tracks - row.integer(0) - row.integer(1)},
          {"seconds", row.number(2)}};
}

// Tracks beyond the first of each content, among those whose content was hashed.
constexpr const char* kDuplicates =
    "SELECT count(content_hash) - count(DISTINCT content_hash) FROM tracks WHERE state = 'present'";

// What is the matter with a track is told once, for all sets that it concerns.
constexpr const char* kFailures =
    "results JOIN tracks ON tracks.id = track JOIN feature_sets ON feature_sets.id = feature_set "
    "WHERE results.state = 'failed' AND tracks.state = 'present' GROUP BY track, error_code, error_message";

}  // namespace

nlohmann::json statistics(Database& database) {
  return database.run([&] {
    const std::int64_t tracks = integer_of(database, "SELECT count(*) FROM tracks WHERE state = 'present'");
    Query sums(database, "SELECT total(duration_s), total(size) FROM tracks WHERE state = 'present'");
    sums.step();
    nlohmann::json sets = nlohmann::json::array();
    for (const StoredFeatureSet& set : stored_feature_sets(database)) sets.push_back(describe(database, set, tracks));
    return nlohmann::json{
        {"tracks", tracks},
        {"missing", integer_of(database, "SELECT count(*) FROM tracks WHERE state = 'missing'")},
        {"duration_s", sums.number(0)},
        {"bytes", static_cast<std::int64_t>(sums.number(1))},
        {"duplicates", integer_of(database, kDuplicates)},
        {"codecs",
         counts(database,
                "SELECT codec, count(*) FROM tracks WHERE state = 'present' AND codec IS NOT NULL GROUP BY 1")},
        {"feature_sets", std::move(sets)},
        {"failures", counts(database,
                            "SELECT error_code, count(DISTINCT track) FROM results JOIN tracks ON id = track WHERE "
                            "tracks.state = 'present' AND results.state = 'failed' GROUP BY 1")},
        {"processes", integer_of(database, "SELECT count(*) FROM workers")}};
  });
}

std::string to_text(const nlohmann::json& statistics) {
  constexpr double kHour = 3600;
  constexpr double kGigabyte = 1e9;
  std::string text =
      fmt::format("{} tracks, {:.1f} h, {:.2f} GB; {} missing; {} duplicates known by their content\n",
                  statistics["tracks"].get<std::int64_t>(), statistics["duration_s"].get<double>() / kHour,
                  statistics["bytes"].get<double>() / kGigabyte, statistics["missing"].get<std::int64_t>(),
                  statistics["duplicates"].get<std::int64_t>());
  text += fmt::format("\n{:<20}{:>8}{:>8}{:>10}{:>8}{:>10}{:>12}\n", "feature set", "version", "fields", "done",
                      "failed", "open", "seconds");
  for (const nlohmann::json& set : statistics["feature_sets"]) {
    text +=
        fmt::format("{:<20}{:>8}{:>8}{:>10}{:>8}{:>10}{:>12.1f}\n", set["name"].get<std::string>(),
                    set["version"].get<int>(), set["fields"].get<int>(), set["done"].get<std::int64_t>(),
                    set["failed"].get<std::int64_t>(), set["open"].get<std::int64_t>(), set["seconds"].get<double>());
  }
  for (const char* table : {"codecs", "failures"}) {
    text += fmt::format("\n{}:", table);
    if (statistics[table].empty()) text += " none";
    for (const auto& [name, count] : statistics[table].items()) {
      text += fmt::format(" {} {}", count.get<std::int64_t>(), name);
    }
  }
  text += fmt::format("\nprocesses at work: {}\n", statistics["processes"].get<std::int64_t>());
  return text;
}

std::vector<FailedTrack> failed_tracks(Database& database, std::optional<std::size_t> most) {
  return database.run([&] {
    std::vector<FailedTrack> tracks;
    Query rows(database,
               fmt::format("SELECT path, group_concat(name, ', '), error_code, error_message FROM {} ORDER BY path "
                           "LIMIT coalesce(?, -1)",
                           kFailures),
               most);
    while (rows.step()) tracks.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
    return tracks;
  });
}

std::size_t count_failed_tracks(Database& database) {
  return database.run([&] {
    return static_cast<std::size_t>(
        integer_of(database, fmt::format("SELECT count(*) FROM (SELECT 1 FROM {})", kFailures)));
  });
}

}  // namespace vivace::library
