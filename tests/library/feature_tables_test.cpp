#include "library/feature_tables.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "library/verify.hpp"
#include "model_library.hpp"
#include "support/errors.hpp"

namespace vivace::library {
namespace {

using test::expect_contains;
using test::expect_error;

std::vector<std::string> columns_of(Database& database, const std::string& table) {
  std::vector<std::string> columns;
  Query rows(database, "SELECT name FROM pragma_table_info(?)", table);
  while (rows.step()) columns.push_back(rows.text(0));
  return columns;
}

std::int64_t add_track(Database& database, const std::string& path) {
  execute(database, "INSERT INTO tracks (path, size, mtime_ns) VALUES (?, 1, 1)", StoredPath{path});
  return database.connection().getLastInsertRowid();
}

TEST(FeatureTables, HaveAColumnAField) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet set = store_feature_set(database, sample_set("true-peak"));
  EXPECT_EQ(set.table, "features_true_peak");
  EXPECT_EQ(columns_of(database, set.table), (std::vector<std::string>{"track", "true-peak.size", "true-peak.vector"}));
}

TEST(FeatureTables, NamesThatDifferOnlyInSignsHaveTablesOfTheirOwn) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  store_feature_set(database, sample_set("a-b"));
  EXPECT_EQ(store_feature_set(database, sample_set("a.b")).table, "features_a_b_2");
}

TEST(FeatureTables, NewVersionAddsAndDropsColumnsAndKeepsTheOthers) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet old = store_feature_set(database, sample_set("a"));
  const std::int64_t track = add_track(database, "/x.mp3");
  put_values(database, old, track, {analyze::number(7), analyze::none("no vector")});
  FeatureSet newer = sample_set("a", 2);
  newer.fields[1] = {"a.text", records::FieldType::text, 0, "", "", "a text"};
  const StoredFeatureSet set = store_feature_set(database, newer);
  EXPECT_EQ(columns_of(database, set.table), (std::vector<std::string>{"track", "a.size", "a.text"}));
  EXPECT_EQ(std::get<double>(values_of(database, set, track)[0].value), 7);
  EXPECT_EQ(integer_of(database, "SELECT \"a.size\" FROM everything"), 7);
}

TEST(FeatureTables, OlderVersionIsRefused) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  store_feature_set(database, sample_set("a", 2));
  const std::string said =
      expect_error(ErrorCode::unsupported, [&] { store_feature_set(database, sample_set("a", 1)); });
  expect_contains(said, "--without a");
}

TEST(FeatureTables, FieldOfAnotherSetIsRefused) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  store_feature_set(database, sample_set("a"));
  FeatureSet thief = sample_set("b");
  thief.fields[0].name = "a.size";
  expect_error(ErrorCode::invalid_argument, [&] { store_feature_set(database, thief); });
}

TEST(FeatureTables, ValuesComeBackAsTheyWere) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet set = store_feature_set(database, sample_set("a"));
  const std::int64_t track = add_track(database, "/x.mp3");
  analyze::FieldValue vector;
  vector.value = std::vector<float>{0.1F, -3e30F};
  put_values(database, set, track, {analyze::number(0.1), vector});
  const std::vector<analyze::FieldValue> values = values_of(database, set, track);
  EXPECT_EQ(std::get<double>(values[0].value), 0.1);
  EXPECT_EQ(values[1].value, vector.value);
}

TEST(FeatureTables, WhatIsNotFiniteIsNullWithAReason) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet set = store_feature_set(database, sample_set("a"));
  const std::int64_t track = add_track(database, "/x.mp3");
  analyze::FieldValue vector;
  vector.value = std::vector<float>{1, std::numeric_limits<float>::infinity()};
  put_values(database, set, track, {analyze::number(std::numeric_limits<double>::quiet_NaN()), vector});
  for (const analyze::FieldValue& field : values_of(database, set, track)) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(field.value));
    EXPECT_EQ(field.reason, "not a finite number");
  }
}

TEST(FeatureTables, TagsOneOfWhichIsNotFiniteAreNullWithAReason) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet set = store_feature_set(database, sound_model(2));
  const std::int64_t track = add_track(database, "/x.mp3");
  put_results(database, set, track, sound({1, 2}, {{"rock", std::numeric_limits<float>::quiet_NaN()}}));
  const analyze::FieldValue tags = values_of(database, set, track)[1];
  EXPECT_TRUE(std::holds_alternative<std::monostate>(tags.value));
  EXPECT_EQ(tags.reason, "not a finite number");
  EXPECT_TRUE(verify(database).problems.empty());
}

TEST(FeatureTables, PathsOfAnyBytesComeBack) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const std::string odd = "/a\xFF\xFE.mp3";
  const std::int64_t track = add_track(database, odd);
  Query row(database, "SELECT path, typeof(path) FROM tracks WHERE id = ?", track);
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), odd);
  EXPECT_EQ(row.text(1), "blob");
}

}  // namespace
}  // namespace vivace::library
