#include "library/track_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "library/feature_tables.hpp"
#include "library/musical_key.hpp"
#include "library/query.hpp"
#include "records/sqlite_table.hpp"
#include "records/sqlite_value.hpp"
#include "tasks/analyze/analyzer.hpp"
#include "tasks/analyze/features.hpp"

namespace vivace::library {
namespace {

using records::quoted_identifier;

/// The table of the set that has a field; empty where none has.
std::string table_of(Database& database, const std::string& field) {
  Query row(database, "SELECT table_name FROM fields JOIN feature_sets ON id = feature_set WHERE fields.name = ?",
            field);
  return row.step() ? quoted_identifier(row.text(0)) : "";
}

/// A field as an expression about `tracks`.
std::string field_expression(Database& database, const std::string& field) {
  const std::string table = table_of(database, field);
  if (table.empty()) {
    throw Error(ErrorCode::invalid_argument, database.path(),
                fmt::format("no track has '{}'; 'vivace analyze' computes it", field));
  }
  return fmt::format("(SELECT {} FROM {} WHERE track = tracks.id)", quoted_identifier(field), table);
}

template <typename T>
const T& require(const std::optional<T>& value, const char* field) {
  if (value) return *value;
  throw Error(ErrorCode::invalid_argument, field,
              "is not known of this track, so that nothing can be compared with it");
}

/// What tracks must fulfil, in SQL, with the values of its parameters.
struct Requirements {
  std::string sql;
  std::vector<double> values{};

  void within(const std::string& expression, double centre, double distance) {
    sql += fmt::format(" AND {} BETWEEN ? AND ?", expression);
    values.insert(values.end(), {centre - distance, centre + distance});
  }
};

double require_distance(double distance, const char* field) {
  if (distance >= 0 && std::isfinite(distance)) return distance;
  throw Error(ErrorCode::invalid_argument, field, "how far it may be away must be a finite number, 0 or more");
}

std::string key_condition(Database& database, const MusicalKey& wanted) {
  std::string conditions;
  for (const MusicalKey& key : compatible_keys(wanted)) {
    for (const std::string& name : pitch_class_names(key.pitch_class)) {
      conditions +=
          fmt::format("{}('{}', '{}')", conditions.empty() ? "" : ", ", name, key.is_major ? "major" : "minor");
    }
  }
  return fmt::format(" AND ({}, {}) IN (VALUES {})", field_expression(database, kKeyField),
                     field_expression(database, kScaleField), conditions);
}

Requirements requirements_of(Database& database, const TrackFilter& filter, const TrackTraits& traits) {
  Requirements required;
  if (filter.tempo_share) {
    const double tempo = require(traits.tempo_bpm, kTempoField);
    required.within(field_expression(database, kTempoField), tempo,
                    tempo * require_distance(*filter.tempo_share, kTempoField));
  }
  if (filter.compatible_key) {
    const auto key = parse_key(require(traits.key, kKeyField), require(traits.scale, kScaleField));
    required.sql += key_condition(database, require(key, kKeyField));
  }
  if (filter.loudness_lu) {
    const double loudness = require(traits.loudness_lufs, kLoudnessField);
    required.within(field_expression(database, kLoudnessField), loudness,
                    require_distance(*filter.loudness_lu, kLoudnessField));
  }
  return required;
}

template <typename T>
std::optional<T> value_of(Database& database, const std::string& field, std::int64_t track) {
  const std::string table = table_of(database, field);
  if (table.empty()) return std::nullopt;
  Query row(database, fmt::format("SELECT {} FROM {} WHERE track = ?", quoted_identifier(field), table), track);
  if (!row.step() || row.is_null(0)) return std::nullopt;
  if constexpr (std::is_same_v<T, double>) {
    return row.number(0);
  } else {
    return row.text(0);
  }
}

const analyze::FeatureInfo* feature_with(const std::string& field) {
  for (const analyze::FeatureInfo& feature : analyze::features()) {
    for (const analyze::FieldInfo& info : feature.fields) {
      if (info.name == field) return &feature;
    }
  }
  throw Error(ErrorCode::unsupported, field, "is nothing that this vivace computes of a file");
}

std::vector<const analyze::FeatureInfo*> features_for(const TrackFilter& filter) {
  std::vector<const analyze::FeatureInfo*> features;
  const auto add = [&](const char* field) {
    const analyze::FeatureInfo* feature = feature_with(field);
    if (std::find(features.begin(), features.end(), feature) == features.end()) features.push_back(feature);
  };
  if (filter.tempo_share) add(kTempoField);
  if (filter.compatible_key) add(kKeyField);
  if (filter.loudness_lu) add(kLoudnessField);
  return features;
}

void take(TrackTraits& traits, const std::string& field, const records::Value& value) {
  const auto* number = std::get_if<double>(&value);
  const auto* text = std::get_if<std::string>(&value);
  if (field == kTempoField && number != nullptr) traits.tempo_bpm = *number;
  if (field == kLoudnessField && number != nullptr) traits.loudness_lufs = *number;
  if (field == kKeyField && text != nullptr) traits.key = *text;
  if (field == kScaleField && text != nullptr) traits.scale = *text;
}

}  // namespace

TrackTraits traits_of(Database& database, std::int64_t track) {
  return database.run([&] {
    return TrackTraits{
        value_of<double>(database, kTempoField, track), value_of<std::string>(database, kKeyField, track),
        value_of<std::string>(database, kScaleField, track), value_of<double>(database, kLoudnessField, track)};
  });
}

TrackTraits measure_traits(const std::filesystem::path& file, const TrackFilter& filter) {
  analyze::AnalyzerOptions options;
  options.features = features_for(filter);
  TrackTraits traits;
  if (options.features.empty()) return traits;
  const analyze::Analysis analysis = analyze::analyze_file(file, options);
  for (std::size_t i = 0; i < options.features.size(); ++i) {
    const auto& fields = options.features[i]->fields;
    for (std::size_t j = 0; j < analysis.findings[i].fields.size(); ++j) {
      take(traits, fields[j].name, analysis.findings[i].fields[j].value);
    }
  }
  return traits;
}

std::vector<std::int64_t> tracks_near(Database& database, const TrackFilter& filter, const TrackTraits& traits) {
  return database.run([&] {
    std::vector<std::int64_t> tracks;
    const Requirements required = requirements_of(database, filter, traits);
    Query rows(database, "SELECT id FROM tracks WHERE state = 'present'" + required.sql + " ORDER BY id");
    records::SqliteBinder binder(rows.statement());
    for (const double value : required.values) binder(value);
    while (rows.step()) tracks.push_back(rows.integer(0));
    return tracks;
  });
}

}  // namespace vivace::library
