#include <gtest/gtest.h>

#include <fstream>

#include "library/musical_key.hpp"
#include "library/similar.hpp"
#include "library/similarity_index.hpp"
#include "model_library.hpp"
#include "support/errors.hpp"
#include "support/log_watch.hpp"

namespace vivace::library {
namespace {

using test::expect_contains;
using test::expect_error;

constexpr std::size_t kDimension = 40;

/// A library of tracks with made-up embeddings.
class Similarity : public testing::Test {
 protected:
  std::int64_t add(const std::string& name, const std::vector<float>& embedding) {
    const std::int64_t track = put_track(database_, "/music/" + name + ".mp3");
    put_results(database_, model_, track, sound(embedding));
    return track;
  }

  void add_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      add("many " + std::to_string(i), random_numbers(kDimension, static_cast<unsigned>(i)));
    }
  }

  /// A track between two directions, `degrees` away from the first.
  std::int64_t add_at(const std::string& name, double degrees) {
    std::vector<float> embedding(kDimension);
    embedding[0] = static_cast<float>(std::cos(degrees * M_PI / 180)) * 3;
    embedding[1] = static_cast<float>(std::sin(degrees * M_PI / 180)) * 3;
    return add(name, embedding);
  }

  void describe(std::int64_t track, double tempo, const std::string& key, const std::string& scale, double loudness) {
    put_results(database_, rhythm_, track, {field(tempo), field(key), field(scale), field(loudness)});
  }

  SimilarityIndex open(std::size_t exact_numbers = kExactNumbers) {
    return SimilarityIndex::open(database_, find_embeddings(database_, ""), exact_numbers);
  }

  std::filesystem::path file() { return SimilarityIndex::file_of(database_, find_embeddings(database_, "")); }

  std::vector<std::string> names(const std::string& track, const SimilarOptions& options = {}) {
    std::vector<std::string> found;
    for (const SimilarTrack& similar : find_similar(database_, track, options).tracks) {
      found.push_back(std::filesystem::path(similar.path).stem().string());
    }
    return found;
  }

  SampleLibrary library_{0};
  Database database_ = open_library(library_);
  StoredFeatureSet model_ = store_feature_set(database_, sound_model(kDimension));
  StoredFeatureSet rhythm_ = store_feature_set(database_, rhythm_and_key());
};

using Names = std::vector<std::string>;

TEST_F(Similarity, NearestComesFirstAndTheTrackItselfIsLeftOut) {
  add_at("asked for", 0);
  add_at("far", 80);
  add_at("near", 10);
  add_at("middle", 30);
  EXPECT_EQ(names("asked for"), (Names{"near", "middle", "far"}));
  EXPECT_NEAR(find_similar(database_, "asked for", {}).tracks[1].similarity, std::sqrt(3) / 2, 1e-6);
  SimilarOptions two;
  two.count = 2;
  EXPECT_EQ(names("asked for", two), (Names{"near", "middle"}));
}

TEST_F(Similarity, TracksThatAreGoneAndSilentOnesAreNotFound) {
  add_at("asked for", 0);
  const std::int64_t gone = add_at("gone", 5);
  add("silent", std::vector<float>(kDimension));
  add_at("there", 20);
  execute(database_, "UPDATE tracks SET state = 'missing' WHERE id = ?", gone);
  EXPECT_EQ(names("asked for"), Names{"there"});
  EXPECT_EQ(names("gone"), (Names{"asked for", "there"}));
  expect_error(ErrorCode::not_found, [&] { names("silent"); });
}

TEST_F(Similarity, NamedTrackThatHasChangedIsToldOf) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "asked for.mp3", "another song");
  execute(database_, "UPDATE tracks SET path = ? WHERE id = ?", (folder / "asked for.mp3").string(),
          add_at("asked for", 0));
  add_at("there", 20);
  const test::LogWatch log;
  EXPECT_EQ(names("asked for"), Names{"there"});
  EXPECT_EQ(names("there"), Names{"asked for"});
  EXPECT_EQ(log.lines(), Names{(folder / "asked for.mp3").string() +
                               ": has changed since it was analysed; it is compared as it was then"});
}

TEST_F(Similarity, FiltersLeaveWhatIsNear) {
  describe(add_at("asked for", 0), 100, "A", "minor", -10);
  describe(add_at("relative", 1), 104, "C", "major", -12);
  describe(add_at("fifth", 2), 96, "E", "minor", -14);
  describe(add_at("other key", 3), 100, "A", "major", -10);
  describe(add_at("fast", 4), 120, "A", "minor", -10);
  add_at("unknown", 5);
  SimilarOptions options;
  options.filter.tempo_share = 0.05;
  EXPECT_EQ(names("asked for", options), (Names{"relative", "fifth", "other key"}));
  options.filter.compatible_key = true;
  EXPECT_EQ(names("asked for", options), (Names{"relative", "fifth"}));
  options.filter.loudness_lu = 3;
  EXPECT_EQ(names("asked for", options), (Names{"relative"}));
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { names("unknown", options); }), "tempo.bpm");
}

TEST_F(Similarity, SeveralTracksOfANameAreRefusedByName) {
  add_at("song one", 0);
  add_at("song two", 1);
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { names("song"); }), "song two");
  expect_error(ErrorCode::not_found, [&] { names("no such"); });
}

TEST_F(Similarity, LibraryWithoutEmbeddingsSaysSo) {
  expect_contains(expect_error(ErrorCode::not_found, [&] { names("x"); }), "yet");
  SimilarOptions options;
  options.model = "other";
  expect_contains(expect_error(ErrorCode::not_found, [&] { names("x", options); }), "only of sound");
}

TEST_F(Similarity, SmallLibrariesHaveNoFile) {
  add_many(100);
  open();
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(Similarity, IndexOfALargeLibraryIsKeptAndFindsTheSame) {
  add_many(3000);
  const SimilarityIndex exact = open();
  const SimilarityIndex made = open(1000);
  ASSERT_TRUE(std::filesystem::exists(file()));
  const SimilarityIndex mapped = open(1000);
  ASSERT_EQ(mapped.vectors().rows(), 3000U);
  const std::vector<std::uint8_t> all(3000, 1);
  for (const std::size_t row : {0, 1234, 2999}) {
    const auto query = exact.vectors().row(row);
    const auto expected = exact.search(query, 20, all);
    const auto first = made.search(query, 20, all);
    const auto second = mapped.search(query, 20, all);
    ASSERT_EQ(second.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(first[i].row, second[i].row);
      EXPECT_EQ(second[i].row, expected[i].row);
      EXPECT_EQ(second[i].similarity, expected[i].similarity);
    }
  }
}

TEST_F(Similarity, IndexIsMadeAnewWhenAnEmbeddingChanges) {
  add_many(200);
  open(1000);
  const std::int64_t track = add("new", random_numbers(kDimension, 77));
  EXPECT_EQ(open(1000).vectors().rows(), 201U);
  EXPECT_EQ(open(1000).row_of(track), 200U);
  std::vector<float> other(kDimension);
  other[3] = 2;
  put_results(database_, model_, track, sound(other));
  EXPECT_EQ(open(1000).vectors().row(200)[3], 1);
}

TEST_F(Similarity, DamagedIndexIsMadeAnew) {
  add_many(200);
  open(1000);
  const std::uintmax_t size = std::filesystem::file_size(file());
  std::filesystem::resize_file(file(), size / 2);
  EXPECT_EQ(open(1000).vectors().rows(), 200U);
  EXPECT_EQ(std::filesystem::file_size(file()), size);
  {
    std::fstream damage(file(), std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(72);
    damage.write("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
  }
  EXPECT_EQ(open(1000).vectors().rows(), 200U);
}

struct CamelotCase {
  const char* key;
  const char* scale;
  const char* place;
};

class CamelotPlace : public testing::TestWithParam<CamelotCase> {};

TEST_P(CamelotPlace, IsThatOfThePublishedWheel) {
  const auto key = parse_key(GetParam().key, GetParam().scale);
  ASSERT_TRUE(key);
  EXPECT_EQ(camelot(*key), GetParam().place);
}

// The wheel as Mixed In Key publishes it.
INSTANTIATE_TEST_SUITE_P(Published, CamelotPlace,
                         testing::Values(CamelotCase{"C", "major", "8B"}, CamelotCase{"A", "minor", "8A"},
                                         CamelotCase{"G", "major", "9B"}, CamelotCase{"F", "major", "7B"},
                                         CamelotCase{"B", "major", "1B"}, CamelotCase{"Ab", "minor", "1A"},
                                         CamelotCase{"G#", "minor", "1A"}, CamelotCase{"E", "major", "12B"},
                                         CamelotCase{"Db", "minor", "12A"}, CamelotCase{"F#", "major", "2B"},
                                         CamelotCase{"D", "minor", "7A"}));

TEST(CompatibleKeys, AreNeighboursOnTheWheel) {
  std::vector<std::string> places;
  for (const MusicalKey& key : compatible_keys(*parse_key("A", "minor"))) places.push_back(camelot(key));
  EXPECT_EQ(places, (Names{"8A", "8B", "9A", "7A"}));
}

TEST(MusicalKeys, OtherNamesAreNone) {
  EXPECT_FALSE(parse_key("H", "major"));
  EXPECT_FALSE(parse_key("C", "dorian"));
}

}  // namespace
}  // namespace vivace::library
