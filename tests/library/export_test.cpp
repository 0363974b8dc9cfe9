#include "library/export.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "library/columns.hpp"
#include "model_library.hpp"
#include "support/errors.hpp"
#include "support/log_watch.hpp"

namespace vivace::library {
namespace {

using test::expect_contains;
using test::expect_error;

using Lines = std::vector<std::string>;

/// Three tracks: "slow" and "fast" with a tempo, "gone" without, and no longer there.
class Export : public testing::Test {
 protected:
  Export() {
    add("slow", 80, {1, 2});
    add("fast", 160, {3, 4});
    execute(database_, "UPDATE tracks SET duration_s = 61.5, codec = 'flac' WHERE path = '/fast.mp3'");
    put_track(database_, "/gone.mp3");
    execute(database_, "UPDATE tracks SET state = 'missing' WHERE path = '/gone.mp3'");
  }

  void add(const std::string& name, double tempo, const std::vector<float>& embedding) {
    const std::int64_t track = put_track(database_, "/" + name + ".mp3");
    put_results(database_, rhythm_, track, {field(tempo), field(std::string("C")), {}, field(-9.5)});
    put_results(database_, model_, track, sound(embedding, {{"rock", 0.5F}, {"jazz", 0.25F}}));
  }

  Lines write(const std::vector<std::string>& fields, const std::vector<std::string>& where = {},
              const std::string& format = "csv") {
    const std::filesystem::path output = folder_ / ("out." + format);
    count_ = export_library(database_, {output, "", fields, where});
    Lines lines;
    std::istringstream text(test::read_text(output));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  test::TemporaryFolder folder_;
  SampleLibrary library_{0};
  Database database_ = open_library(library_);
  StoredFeatureSet model_ = store_feature_set(database_, sound_model(2));
  StoredFeatureSet rhythm_ = store_feature_set(database_, rhythm_and_key());
  std::size_t count_ = 0;
};

TEST_F(Export, FieldsAreChosenByNameAndByGroup) {
  EXPECT_EQ(write({"tempo", "key", "duration_s"}),
            (Lines{"path,tempo.bpm,key.key,key.scale,duration_s", "/fast.mp3,160,C,,61.5", "/slow.mp3,80,C,,"}));
  EXPECT_EQ(count_, 2U);
}

TEST_F(Export, VectorsAndTagsAreJson) {
  EXPECT_EQ(write({"sound"}, {"path~slow"}),
            (Lines{"path,sound.embedding,sound.tags", R"(/slow.mp3,"[1,2]","{""rock"":0.5,""jazz"":0.25}")"}));
}

TEST_F(Export, TagsThatAreNoneAreLeftOutAndTold) {
  execute(database_, "UPDATE features_sound SET \"sound.tags\" = '{\"rock\": null}'");
  const test::LogWatch log;
  EXPECT_EQ(write({"sound.tags"}, {"path~slow"}), (Lines{"path,sound.tags", "/slow.mp3,"}));
  EXPECT_EQ(log.lines(), Lines{"/slow.mp3: 'sound.tags' has something else than named numbers and is left out"});
}

TEST_F(Export, WithoutNamesAllIsWritten) {
  const std::string header = write({}).front();
  for (const char* name : {"path,state,size,", "codec", "tempo.bpm", "sound.embedding"}) expect_contains(header, name);
}

struct ConditionCase {
  std::vector<std::string> conditions;
  std::vector<std::string> names;
};

class ExportWhere : public Export, public testing::WithParamInterface<ConditionCase> {};

TEST_P(ExportWhere, LeavesTheTracksForWhichItHolds) {
  Lines expected{"path"};
  for (const std::string& name : GetParam().names) expected.push_back("/" + name + ".mp3");
  EXPECT_EQ(write({"path"}, GetParam().conditions), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, ExportWhere,
    testing::Values(ConditionCase{{}, {"fast", "slow"}}, ConditionCase{{"state=missing"}, {"gone"}},
                    ConditionCase{{"state~s"}, {"fast", "gone", "slow"}}, ConditionCase{{"tempo.bpm>=160"}, {"fast"}},
                    ConditionCase{{"tempo.bpm>160"}, {}}, ConditionCase{{"tempo.bpm!=160"}, {"slow"}},
                    ConditionCase{{"tempo.bpm<100.5", "key.key=C"}, {"slow"}}, ConditionCase{{"key.scale=minor"}, {}},
                    ConditionCase{{"path~FAST"}, {"fast"}}));

TEST_F(Export, WhatIsNoConditionOrNoFieldIsRefused) {
  expect_error(ErrorCode::invalid_argument, [&] { write({"nothing"}); });
  for (const char* condition : {"tempo.bpm", "=3", "tempo.bpm!3", "tempo.bpm=fast", "nothing=1", "sound.tags=1"}) {
    expect_error(ErrorCode::invalid_argument, [&] { write({}, {condition}); });
  }
  expect_error(ErrorCode::invalid_argument, [&] { write({}, {}, "xyz"); });
}

TEST_F(Export, NamesInConditionsAreNeverSql) { EXPECT_EQ(write({"path"}, {"path~' OR 1=1 --"}), Lines{"path"}); }

}  // namespace
}  // namespace vivace::library
