#include "library/verify.hpp"

#include <gtest/gtest.h>

#include "library/digest.hpp"
#include "library/worker.hpp"
#include "model_library.hpp"
#include "support/errors.hpp"

namespace vivace::library {
namespace {

struct Damage {
  const char* statement;
  const char* said;
};

class Damaged : public testing::TestWithParam<Damage> {};

TEST_P(Damaged, IsFound) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  const std::string digest = content_digest(database);
  EXPECT_TRUE(verify(database).problems.empty());
  database.connection().exec(std::string("PRAGMA foreign_keys = OFF; ") + GetParam().statement);
  const Verification found = verify(database);
  ASSERT_FALSE(found.problems.empty());
  test::expect_contains(found.problems.front(), GetParam().said);
  EXPECT_NE(content_digest(database), digest);
}

INSTANTIATE_TEST_SUITE_P(Library, Damaged,
                         testing::Values(Damage{"DELETE FROM results WHERE track = 2", "values without a result"},
                                         Damage{"DELETE FROM features_a WHERE track = 2", "results without values"},
                                         Damage{"DELETE FROM reasons", "nulls without a reason"},
                                         Damage{"UPDATE features_a SET \"a.vector\" = x'00000000' WHERE track = 2",
                                                "a.vector: vectors of another length: 1"},
                                         Damage{"UPDATE features_a SET \"a.size\" = 'many' WHERE track = 2",
                                                "a.size: values of another kind: 1"},
                                         Damage{"DELETE FROM tracks WHERE id = 2", "belongs to no row of tracks"}));

class DamagedTags : public testing::TestWithParam<const char*> {};

TEST_P(DamagedTags, AreFound) {
  const SampleLibrary library(0);
  Database database = open_library(library);
  const StoredFeatureSet model = store_feature_set(database, sound_model(2));
  put_results(database, model, put_track(database, "/song.mp3"), sound({1, 2}, {{"rock", 0.5F}}));
  EXPECT_TRUE(verify(database).problems.empty());
  execute(database, "UPDATE features_sound SET \"sound.tags\" = ?", GetParam());
  EXPECT_EQ(verify(database).problems, std::vector<std::string>{"sound.tags: values of another kind: 1"});
}

INSTANTIATE_TEST_SUITE_P(Library, DamagedTags,
                         testing::Values("rock", "[0.5]", R"({"rock": "loud"})", R"({"rock": null})"));

TEST(Verify, LeasesOfAnEndedProcessAreFound) {
  const SampleLibrary library(1);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  ProcessIdentity ended = this_process();
  --ended.started;
  execute(database, "INSERT INTO workers (host, system, pid, started) VALUES (?, ?, ?, ?)", ended.host, ended.system,
          ended.pid, ended.started);
  ASSERT_EQ(verify(database).problems.size(), 1U);
  test::expect_contains(verify(database).problems.front(), "takes them over");
}

TEST(Digest, DependsOnEachValue) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  const std::string digest = content_digest(database);
  for (const char* change :
       {"UPDATE features_a SET \"a.size\" = \"a.size\" + 1e-9 WHERE track = 3",
        "UPDATE features_a SET \"a.vector\" = x'0000000000000000' WHERE track = 3",
        "UPDATE reasons SET reason = 'other'", "UPDATE tracks SET duration_s = 7 WHERE id = 1",
        "UPDATE results SET state = 'failed' WHERE track = 1", "UPDATE fields SET unit = 'bits' WHERE position = 0"}) {
    database.connection().exec("SAVEPOINT undo");
    database.connection().exec(change);
    EXPECT_NE(content_digest(database), digest) << change;
    database.connection().exec("ROLLBACK TO undo; RELEASE undo");
  }
  EXPECT_EQ(content_digest(database), digest);
}

}  // namespace
}  // namespace vivace::library
