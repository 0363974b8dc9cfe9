#include "library/report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "library/map_layout.hpp"
#include "library/report_charts.hpp"
#include "model_library.hpp"
#include "support/errors.hpp"

namespace vivace::library {
namespace {

using test::expect_contains;

constexpr std::size_t kDimension = 30;
constexpr std::size_t kKinds = 3;

/// Unit vectors of three kinds, one after the other.
std::vector<float> three_kinds(std::size_t rows) {
  const std::vector<float> middle = random_numbers(kKinds * kDimension, 1);
  std::vector<float> vectors = random_numbers(rows * kDimension, 2);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto vector = std::span(vectors).subspan(row * kDimension, kDimension);
    for (std::size_t i = 0; i < kDimension; ++i) vector[i] = 0.5F * vector[i] + middle[row % kKinds * kDimension + i];
    normalise(vector);
  }
  return vectors;
}

double distance(const MapPlace& a, const MapPlace& b) { return std::hypot(a.x - b.x, a.y - b.y); }

class MapOf : public testing::TestWithParam<std::size_t> {};

TEST_P(MapOf, VectorsHasTheNearestTrackOfTheSameKind) {
  const std::vector<float> vectors = three_kinds(GetParam());
  const std::vector<MapPlace> places = map_layout({vectors, kDimension});
  ASSERT_EQ(places.size(), GetParam());
  std::size_t same = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_TRUE(places[i].x >= 0 && places[i].x <= 1 && places[i].y >= 0 && places[i].y <= 1);
    std::size_t nearest = i == 0 ? 1 : 0;
    for (std::size_t j = 0; j < places.size(); ++j) {
      if (j != i && distance(places[i], places[j]) < distance(places[i], places[nearest])) nearest = j;
    }
    same += nearest % kKinds == i % kKinds ? 1 : 0;
  }
  EXPECT_GE(same * 20, places.size() * 19);
}

// Few enough for axes alone, for all of them to be landmarks, and more than landmarks.
INSTANTIATE_TEST_SUITE_P(Numbers, MapOf, testing::Values(6, 150, 1500));

TEST(Map, OfTheSameVectorsIsTheSame) {
  const std::vector<float> vectors = three_kinds(200);
  const std::vector<MapPlace> first = map_layout({vectors, kDimension});
  const std::vector<MapPlace> second = map_layout({vectors, kDimension});
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(distance(first[i], second[i]), 0);
}

TEST(Map, OfOneTrackOrOfEqualOnesHasPlaces) {
  for (const std::size_t rows : {1, 2, 40}) {
    std::vector<float> vectors(rows * 2);
    for (std::size_t row = 0; row < rows; ++row) vectors[2 * row] = 1;
    for (const MapPlace& place : map_layout({vectors, 2})) {
      EXPECT_TRUE(place.x >= 0 && place.x <= 1 && place.y >= 0 && place.y <= 1) << rows;
    }
  }
}

TEST(LibraryReport, OfAnEmptyLibraryIsAPage) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const std::string page = to_html(report_data(database, ""), "x");
  expect_contains(page, "<b>0</b><span>tracks</span>");
  expect_contains(page, "</html>");
  EXPECT_EQ(page.find("<figure"), std::string::npos);
}

TEST(LibraryReport, CountsKeysAndDistributionsOfTracksThatAreThere) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet set = store_feature_set(database, rhythm_and_key());
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    const std::string key = *name < 'd' ? "A" : "C";
    const std::int64_t track = put_track(database, std::string("/") + name + ".mp3");
    put_results(database, set, track, {field(120.0), field(key), field(std::string("minor")), {}});
  }
  execute(database, "UPDATE tracks SET state = 'missing' WHERE path = '/e.mp3'");
  const ReportData data = report_data(database, "");
  ASSERT_EQ(data.keys.size(), 2U);
  EXPECT_EQ(data.keys[0].tracks, 3);
  EXPECT_EQ(data.keys[1].tracks, 1);
  ASSERT_EQ(data.distributions.size(), 1U);
  EXPECT_EQ(data.distributions[0].values, std::vector<double>(4, 120));
}

TEST(LibraryReport, ShowsAnyForeignTextAsText) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet model = store_feature_set(database, sound_model(2));
  put_results(database, model, put_track(database, "/<script>.mp3"), sound({1, 2}, {{"<script>", 1.0F}}));
  put_track(database, "/bad <script>\xFF.mp3");
  execute(database, "INSERT INTO results VALUES (2, ?, 'failed', 1, ?, 1, 1, 'corrupt_data', 'not <script> audio')",
          model.id, model.configuration_hash);
  const std::string page = to_html(report_data(database, ""), "<script>");
  EXPECT_EQ(page.find("<script"), std::string::npos);
  expect_contains(page, "not &lt;script&gt; audio");
  expect_contains(page, "<title>&lt;script&gt;: &lt;script&gt;</title>");
}

TEST(LibraryReport, HoldsTheFirstThousandFailuresAndCountsAll) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet set = store_feature_set(database, sample_set("a"));
  database.transaction([&] {
    for (int i = 0; i < 1002; ++i) {
      execute(database, "INSERT INTO results VALUES (?, ?, 'failed', 1, ?, 1, 1, 'corrupt_data', 'no audio')",
              put_track(database, fmt::format("/{:04}.mp3", i)), set.id, set.configuration_hash);
    }
  });
  const ReportData data = report_data(database, "");
  ASSERT_EQ(data.failures.size(), 1000U);
  EXPECT_EQ(data.failures.back().path, "/0999.mp3");
  const std::string page = to_html(data, "x");
  expect_contains(page, "<b>1002</b><span>failures</span>");
  expect_contains(page, "The first 1000 of 1002.");
}

TEST(LibraryReport, OfAModelThatIsNotThereIsAnError) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  test::expect_error(ErrorCode::not_found, [&] { report_data(database, "other"); });
}

TEST(Histogram, HoldsAllValuesInBarsOfARoundWidth) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(80 + i * 0.1);
  values.push_back(1e6);
  const std::string html = histogram_html({"Tempo", "BPM", values});
  expect_contains(html, "<title>100 to 105 BPM: 50 tracks</title>");
  expect_contains(html, "1001 tracks");
  EXPECT_EQ(html.find("e+"), std::string::npos);
}

TEST(Histogram, OfOneValueHasOneBar) { expect_contains(histogram_html({"Tempo", "BPM", {120}}), "1 track"); }

TEST(Keys, OfBothSpellingsAreOne) {
  const std::string html = keys_html({{"C#", "minor", 2}, {"Db", "minor", 3}, {"A", "minor", 1}});
  expect_contains(html, "<title>Db minor (12A): 5 tracks</title>");
  expect_contains(html, "<title>A minor (8A): 1 track</title>");
}

}  // namespace
}  // namespace vivace::library
