#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/feature_set.hpp"

namespace vivace::library {

/// A feature set as the database holds it.
struct StoredFeatureSet {
  std::int64_t id = 0;
  std::string table;
  std::string configuration_hash;
  FeatureSet set;
};

/// Makes a feature set known, or brings what is known of it to this version and configuration: its table gets the
/// columns of new fields and loses those of fields that are gone. Throws Error(unsupported) where the database has
/// results of a newer version, Error(invalid_argument) where a field belongs to another set.
StoredFeatureSet store_feature_set(Database& database, const FeatureSet& set);

/// All feature sets, by name.
std::vector<StoredFeatureSet> stored_feature_sets(Database& database);

/// Replaces the values of a track, and the reasons of those that are null. Throws SQLite::Exception.
void put_values(Database& database, const StoredFeatureSet& set, std::int64_t track,
                const std::vector<analyze::FieldValue>& values);

/// The values of a track, one a field; empty where there are none. Throws SQLite::Exception.
std::vector<analyze::FieldValue> values_of(Database& database, const StoredFeatureSet& set, std::int64_t track);

/// Removes values and reasons of a track. Throws SQLite::Exception.
void remove_values(Database& database, const StoredFeatureSet& set, std::int64_t track);

}  // namespace vivace::library
