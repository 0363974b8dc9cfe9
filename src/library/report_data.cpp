#include "library/report_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

#include "base/files.hpp"
#include "library/columns.hpp"
#include "library/map_layout.hpp"
#include "library/similarity_index.hpp"
#include "library/track_filter.hpp"
#include "library/track_row.hpp"
#include "records/sqlite_table.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kMostPoints = 4000;
constexpr std::size_t kMostFailures = 1000;

/// The fields whose distributions are shown.
constexpr std::pair<const char*, const char*> kDistributions[] = {
    {"tempo.bpm", "Tempo"},
    {"loudness.integrated_lufs", "Loudness"},
    {"duration_s", "Duration"},
    {"danceability.dfa", "Danceability"},
};

std::vector<Distribution> distributions_of(Database& database) {
  const std::vector<Column> all = all_columns(database);
  const Conditions present(all, {});
  std::vector<Distribution> distributions;
  for (const auto& [field, name] : kDistributions) {
    const auto is_it = [field = field](const Column& column) { return column.field.name == field; };
    const auto found = std::find_if(all.begin(), all.end(), is_it);
    if (found == all.end()) continue;
    Distribution distribution{name, found->field.unit, {}};
    Query rows(database, select_columns({*found}, present));
    present.bind(rows.statement());
    while (rows.step()) {
      if (!rows.is_null(0) && std::isfinite(rows.number(0))) distribution.values.push_back(rows.number(0));
    }
    if (!distribution.values.empty()) distributions.push_back(std::move(distribution));
  }
  return distributions;
}

std::vector<KeyCount> keys_of(Database& database) {
  const std::vector<Column> all = all_columns(database);
  std::vector<Column> columns;
  for (const Column& column : all) {
    if (column.field.name == kKeyField || column.field.name == kScaleField) columns.push_back(column);
  }
  std::vector<KeyCount> keys;
  if (columns.size() < 2) return keys;
  const Conditions present(all, {});
  Query rows(database, select_columns(choose_columns(all, {kKeyField, kScaleField}), present));
  present.bind(rows.statement());
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  while (rows.step()) {
    if (!rows.is_null(0) && !rows.is_null(1)) ++counts[{rows.text(0), rows.text(1)}];
  }
  for (const auto& [key, tracks] : counts) keys.push_back({key.first, key.second, tracks});
  return keys;
}

std::vector<FormatCount> formats_of(Database& database) {
  constexpr double kHour = 3600;
  std::vector<FormatCount> formats;
  Query rows(database,
             "SELECT codec, container, count(*), total(duration_s) FROM tracks "
             "WHERE state = 'present' AND codec IS NOT NULL GROUP BY codec, container ORDER BY count(*) DESC, 1, 2");
  while (rows.step()) formats.push_back({rows.text(0), rows.text(1), rows.integer(2), rows.number(3) / kHour});
  return formats;
}

/// "Some song: 128 BPM, A minor, rock".
std::string title_of(const std::string& path, const TrackTraits& traits, const std::string& tag) {
  std::string title = base::to_valid_utf8(std::filesystem::path(path).stem().string());
  const char* separator = ": ";
  const auto add = [&](const std::string& part) {
    title += separator + part;
    separator = ", ";
  };
  if (traits.tempo_bpm) add(fmt::format("{:.0f} BPM", *traits.tempo_bpm));
  if (traits.key && traits.scale) add(*traits.key + " " + *traits.scale);
  if (traits.loudness_lufs) add(fmt::format("{:.1f} LUFS", *traits.loudness_lufs));
  if (!tag.empty()) add(tag);
  return title;
}

/// The name of the largest of named numbers.
std::string strongest(const std::string& json) {
  const auto numbers = nlohmann::ordered_json::parse(json, nullptr, false);
  std::string name;
  double most = 0;
  if (!numbers.is_object()) return name;
  for (const auto& [key, value] : numbers.items()) {
    if (!value.is_number() || (!name.empty() && value.get<double>() <= most)) continue;
    name = key;
    most = value.get<double>();
  }
  return name;
}

/// The statement for the tags that a set gives a track; empty where it gives none.
std::string tags_statement(const EmbeddingSet& embeddings) {
  const std::string field = embeddings.set.set.name + ".tags";
  for (const analyze::FieldInfo& info : embeddings.set.set.fields) {
    if (info.name != field || info.type != records::FieldType::named_numbers) continue;
    return fmt::format("SELECT {} FROM {} WHERE track = ?", records::quoted_identifier(field),
                       records::quoted_identifier(embeddings.set.table));
  }
  return "";
}

MapPoint point_of(Database& database, std::int64_t track, const std::string& tags) {
  MapPoint point;
  if (!tags.empty()) {
    Query row(database, tags, track);
    if (row.step()) point.tag = strongest(row.text(0));
  }
  point.title = title_of(path_of(database, track), traits_of(database, track), point.tag);
  return point;
}

/// Evenly spread rows of tracks that are there, at most as many as a page can show.
std::vector<std::size_t> rows_on_map(const std::vector<std::uint8_t>& present) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < present.size(); ++row) {
    if (present[row] != 0) rows.push_back(row);
  }
  if (rows.size() <= kMostPoints) return rows;
  std::vector<std::size_t> chosen(kMostPoints);
  for (std::size_t i = 0; i < kMostPoints; ++i) chosen[i] = rows[i * rows.size() / kMostPoints];
  return chosen;
}

void add_map(Database& database, const EmbeddingSet& embeddings, ReportData& data) {
  const SimilarityIndex index = SimilarityIndex::open(database, embeddings);
  const std::vector<std::uint8_t> present = index.only(tracks_near(database, {}, {}));
  const std::vector<std::size_t> rows = rows_on_map(present);
  std::vector<float> vectors;
  for (const std::size_t row : rows) {
    const auto vector = index.vectors().row(row);
    vectors.insert(vectors.end(), vector.begin(), vector.end());
  }
  data.model = embeddings.set.set.name;
  data.embeddings = static_cast<std::size_t>(std::ranges::count(present, std::uint8_t{1}));
  if (rows.empty()) return;
  const std::vector<MapPlace> places = map_layout({vectors, index.vectors().dimension});
  const std::string tags = tags_statement(embeddings);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    data.map.push_back(point_of(database, index.tracks()[rows[i]], tags));
    data.map.back().x = places[i].x;
    data.map.back().y = places[i].y;
  }
}

}  // namespace

ReportData report_data(Database& database, const std::string& model) {
  return database.run([&] {
    ReportData data;
    data.statistics = statistics(database);
    data.distributions = distributions_of(database);
    data.keys = keys_of(database);
    data.formats = formats_of(database);
    data.failures = failed_tracks(database, kMostFailures);
    data.failure_count = count_failed_tracks(database);
    try {
      add_map(database, find_embeddings(database, model), data);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found || !model.empty()) throw;
    }
    return data;
  });
}

}  // namespace vivace::library
