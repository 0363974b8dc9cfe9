#include "library/merge.hpp"

#include <gtest/gtest.h>

#include "library/digest.hpp"
#include "library/verify.hpp"
#include "sample_library.hpp"
#include "support/errors.hpp"

namespace vivace::library {
namespace {

Database other_database(const SampleLibrary& library, const std::string& name) {
  return Database(library.path().string() + name, Database::Access::write);
}

/// Analyses one part of the files into a database.
void analyse_part(const SampleLibrary& library, Database& database, const jobs::Shard& shard) {
  Results results(database, {store_feature_set(database, sample_set("a"))});
  library.scan(database, {.shard = shard});
  run_job(database, results, analyse_sample, library.job_options(), [](const JobEvent*, const JobSummary&) {}, {});
}

TEST(Merge, PartsGiveTheWhole) {
  const SampleLibrary library(40);
  Database whole = open_library(library);
  library.analyse(whole, {sample_set("a")});
  Database merged = other_database(library, "merged");
  for (std::uint32_t part = 0; part < 3; ++part) {
    Database database = other_database(library, std::to_string(part));
    analyse_part(library, database, {part, 3});
    EXPECT_TRUE(merge(merged, database).conflicts.empty());
  }
  EXPECT_EQ(content_digest(merged), content_digest(whole));
  EXPECT_TRUE(verify(merged).problems.empty());
}

TEST(Merge, TwiceIsOnce) {
  const SampleLibrary library(5);
  Database source = open_library(library);
  library.analyse(source, {sample_set("a")});
  Database merged = other_database(library, "merged");
  EXPECT_EQ(merge(merged, source).added, 5U);
  EXPECT_EQ(merge(merged, source).added, 0U);
  EXPECT_EQ(content_digest(merged), content_digest(source));
}

TEST(Merge, FeaturesOfTheSameTracksComeTogether) {
  const SampleLibrary library(5);
  Database both = open_library(library);
  library.analyse(both, {sample_set("a"), sample_set("b")});
  Database merged = other_database(library, "merged");
  for (const char* name : {"b", "a"}) {
    Database database = other_database(library, name);
    library.analyse(database, {sample_set(name)});
    EXPECT_TRUE(merge(merged, database).conflicts.empty());
  }
  EXPECT_EQ(content_digest(merged), content_digest(both));
}

TEST(Merge, OfTwoStatesOfAFileTheOneSeenLastIsKept) {
  const SampleLibrary library(2);
  Database old = open_library(library);
  library.analyse(old, {sample_set("a")});
  test::write_text(library.music() / "track 1.mp3", "another song");
  Database newer = other_database(library, "newer");
  library.analyse(newer, {sample_set("a")});
  const std::string digest = content_digest(newer);
  const MergeReport report = merge(newer, old);
  ASSERT_EQ(report.conflicts.size(), 1U);
  test::expect_contains(report.conflicts.front(), "the file differs");
  EXPECT_EQ(content_digest(newer), digest);
  EXPECT_EQ(merge(old, newer).conflicts.size(), 1U);
  EXPECT_EQ(content_digest(old), digest);
}

TEST(Merge, ResultThatIsDoneWinsOverAFailure) {
  const SampleLibrary library(1);
  Database done = open_library(library);
  library.analyse(done, {sample_set("a")});
  Database failed = other_database(library, "failed");
  library.analyse(failed, {sample_set("a")}, [](const auto&, const auto&, const auto&) -> TrackFindings {
    throw Error(ErrorCode::unavailable, "the disk failed");
  });
  EXPECT_EQ(merge(failed, done).conflicts.size(), 1U);
  EXPECT_EQ(content_digest(failed), content_digest(done));
  Database later = other_database(library, "later");
  library.analyse(later, {sample_set("a")}, [](const auto&, const auto&, const auto&) -> TrackFindings {
    throw Error(ErrorCode::unavailable, "the disk failed");
  });
  const std::string digest = content_digest(done);
  EXPECT_EQ(merge(done, later).conflicts.size(), 1U);
  EXPECT_EQ(content_digest(done), digest);
}

TEST(Merge, ResultWithTheTargetsSettingsWinsOverALaterOne) {
  const SampleLibrary library(2);
  Database target = open_library(library);
  library.analyse(target, {sample_set("a", 1, R"({"rate_hz":22050})")});
  const std::string digest = content_digest(target);
  Database later = other_database(library, "later");
  library.analyse(later, {sample_set("a", 1, R"({"rate_hz":44100})")});
  EXPECT_FALSE(merge(target, later).conflicts.empty());
  EXPECT_EQ(content_digest(target), digest);
}

TEST(Merge, DamagedSourceIsNamed) {
  const SampleLibrary library(2);
  Database target = open_library(library);
  Database source = other_database(library, "source");
  library.analyse(source, {sample_set("a")});
  source.connection().exec("ALTER TABLE reasons RENAME TO lost");
  const std::string said = test::expect_error(ErrorCode::internal, [&] { merge(target, source); });
  test::expect_contains(said, source.path());
}

TEST(Merge, OlderVersionIsLeftOut) {
  const SampleLibrary library(2);
  Database newer = open_library(library);
  library.analyse(newer, {sample_set("a", 2)});
  const std::string digest = content_digest(newer);
  Database old = other_database(library, "old");
  library.analyse(old, {sample_set("a", 1)});
  merge(newer, old);
  EXPECT_EQ(content_digest(newer), digest);
}

}  // namespace
}  // namespace vivace::library
