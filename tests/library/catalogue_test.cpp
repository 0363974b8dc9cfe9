#include "library/catalogue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "base/modification_time.hpp"
#include "sample_library.hpp"
#include "support/errors.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

std::string only_path_of(Database& database, std::int64_t track) {
  Query row(database, "SELECT path FROM tracks WHERE id = ?", track);
  return row.step() ? row.text(0) : "";
}

TEST(Catalogue, SecondLookFindsNothingNew) {
  const SampleLibrary library(5);
  Database database = open_library(library);
  EXPECT_EQ(library.scan(database).added, 5U);
  const CatalogueReport again = library.scan(database);
  EXPECT_EQ(again.found, 5U);
  EXPECT_EQ(again.added + again.changed + again.moved + again.missing, 0U);
}

TEST(Catalogue, ChangedFileLosesItsResults) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  test::write_text(library.music() / "track 1.mp3", "longer than before");
  EXPECT_EQ(library.scan(database).changed, 1U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 2);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results"), 2);
}

TEST(Catalogue, MovedFileKeepsItsResults) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  fs::create_directories(library.music() / "new");
  fs::rename(library.music() / "track 2.mp3", library.music() / "new/other.mp3");
  const CatalogueReport report = library.scan(database);
  EXPECT_EQ(report.moved, 1U);
  EXPECT_EQ(report.missing, 0U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 3);
}

TEST(Catalogue, FilesThatCannotBeToldApartAreTakenForNewUnlessTheirNamesSay) {
  const SampleLibrary library(1);
  Database database = open_library(library);
  const fs::file_time_type time = fs::last_write_time(library.music() / "track 0.mp3");
  for (const char* name : {"a.mp3", "b.mp3"}) {
    test::write_text(library.music() / name, "same");
    fs::last_write_time(library.music() / name, time);
  }
  library.scan(database);
  const std::int64_t a = integer_of(database, "SELECT id FROM tracks WHERE path LIKE '%a.mp3'");
  fs::create_directories(library.music() / "new");
  fs::rename(library.music() / "a.mp3", library.music() / "new/a.mp3");
  fs::rename(library.music() / "b.mp3", library.music() / "new/c.mp3");
  const CatalogueReport report = library.scan(database);
  EXPECT_EQ(report.moved, 1U);
  EXPECT_EQ(only_path_of(database, a), (library.music() / "new/a.mp3").string());
}

TEST(Catalogue, CopyIsNoMove) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.scan(database);
  fs::copy(library.music() / "track 2.mp3", library.music() / "copy.mp3");
  fs::last_write_time(library.music() / "copy.mp3", fs::last_write_time(library.music() / "track 2.mp3"));
  const CatalogueReport report = library.scan(database);
  EXPECT_EQ(report.added, 1U);
  EXPECT_EQ(report.moved, 0U);
}

TEST(Catalogue, MissingFileIsMarkedAndComesBack) {
  const SampleLibrary library(2);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  const fs::path away = library.music() / ".." / "away.mp3";
  fs::rename(library.music() / "track 1.mp3", away);
  EXPECT_EQ(library.scan(database).missing, 1U);
  EXPECT_EQ(library.scan(database).missing, 0U);
  fs::rename(away, library.music() / "track 1.mp3");
  EXPECT_EQ(library.scan(database).found, 2U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM tracks WHERE state = 'present'"), 2);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 2);
}

TEST(Catalogue, TracksOfOtherFoldersAndPartsAreLeftAlone) {
  const SampleLibrary library(20);
  Database database = open_library(library);
  library.scan(database);
  const SampleLibrary other(1);
  const CatalogueReport elsewhere = other.scan(database);
  EXPECT_EQ(elsewhere.missing, 0U);
  std::size_t found = 0;
  for (std::uint32_t part = 0; part < 3; ++part) {
    const CatalogueReport report = library.scan(database, {.shard = {part, 3}});
    EXPECT_EQ(report.missing + report.added, 0U);
    found += report.found;
  }
  EXPECT_EQ(found, 20U);
}

TEST(Catalogue, WithDigestsOtherContentIsNoMove) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.scan(database, {.hash = true});
  const fs::path before = library.music() / "track 2.mp3";
  const fs::file_time_type time = fs::last_write_time(before);
  fs::remove(before);
  fs::create_directories(library.music() / "new");
  const fs::path after = library.music() / "new/track 2.mp3";
  test::write_text(after, "yy");
  fs::last_write_time(after, time);
  const CatalogueReport report = library.scan(database, {.hash = true});
  EXPECT_EQ(report.moved, 0U);
  EXPECT_EQ(report.added, 1U);
  EXPECT_EQ(report.missing, 1U);
}

TEST(Catalogue, WithDigestsTheSameContentIsAMoveWhateverItsTime) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.scan(database, {.hash = true});
  const fs::path after = library.music() / "other.mp3";
  fs::rename(library.music() / "track 2.mp3", after);
  fs::last_write_time(after, fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(library.scan(database, {.hash = true}).moved, 1U);
}

// What two processes do that both saw the file before one of them took it in.
TEST(Catalogue, MoveThatAnotherProcessRecognisedFirstIsNoError) {
  const SampleLibrary library(40);
  Database database = open_library(library);
  library.analyse(database, {sample_set("a")});
  fs::rename(library.music(), library.music().string() + " moved");
  fs::create_directories(library.music());
  fs::rename(library.music().string() + " moved", library.music() / "moved");
  std::atomic<std::size_t> moved = 0;
  {
    std::vector<std::jthread> processes;
    for (int i = 0; i < 4; ++i) {
      processes.emplace_back([&] {
        Database own(library.path(), Database::Access::write);
        moved += library.scan(own).moved;
      });
    }
  }
  EXPECT_EQ(moved, 40U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM tracks"), 40);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 40);
}

TEST(Catalogue, ChangedFileIsHashedAgain) {
  const SampleLibrary library(2);
  Database database = open_library(library);
  library.scan(database, {.hash = true});
  test::write_text(library.music() / "track 1.mp3", "another song");
  library.scan(database);
  EXPECT_EQ(integer_of(database, "SELECT count(content_hash) FROM tracks"), 1);
  library.scan(database, {.hash = true});
  EXPECT_EQ(integer_of(database, "SELECT count(content_hash) FROM tracks"), 2);
}

TEST(Catalogue, HashingThatIsStoppedGoesOnLater) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(library.scan(database, {.hash = true, .stop = stop.get_token()}).added, 3U);
  EXPECT_EQ(integer_of(database, "SELECT count(content_hash) FROM tracks"), 0);
  library.scan(database, {.hash = true});
  EXPECT_EQ(integer_of(database, "SELECT count(content_hash) FROM tracks"), 3);
}

class StoppedCatalogue : public testing::TestWithParam<bool> {};

TEST_P(StoppedCatalogue, LeavesMovedFilesForTheNextLookAndSaysSo) {
  const bool hash = GetParam();
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.scan(database, {.hash = hash});
  fs::rename(library.music() / "track 2.mp3", library.music() / "other.mp3");
  std::stop_source stop;
  stop.request_stop();
  const CatalogueReport stopped = library.scan(database, {.hash = hash, .stop = stop.get_token()});
  EXPECT_EQ(stopped.added, 0U);
  EXPECT_TRUE(stopped.stopped);
  const CatalogueReport next = library.scan(database, {.hash = hash});
  EXPECT_EQ(next.moved, 1U);
  EXPECT_FALSE(next.stopped);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutDigests, StoppedCatalogue, testing::Bool());

TEST(Catalogue, DriveThatIsNotMountedLosesNoTracks) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  library.scan(database);
  fs::rename(library.music(), library.music().string() + " away");
  fs::create_directories(library.music());
  const CatalogueReport report = library.scan(database);
  EXPECT_EQ(report.missing, 0U);
  ASSERT_EQ(report.problems.size(), 1U);
  test::expect_contains(report.problems.front(), "is a drive not mounted?");
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM tracks WHERE state = 'present'"), 3);
}

TEST(Catalogue, RootOfTheSystemHoldsAllThatIsGone) {
  const SampleLibrary library(2);
  Database database = open_library(library);
  library.scan(database);
  fs::remove(library.music() / "track 1.mp3");
  const CatalogueReport report =
      update_catalogue(database, {"/"}, {.extensions = {".mp3"}, .exclude = {"[!t]*", "t[!m]*"}}, {});
  EXPECT_EQ(report.missing, 1U);
}

TEST(Catalogue, TimeBeyondWhatNanosecondsHoldIsTheLastOne) {
  struct stat status {};
  status.st_mtim.tv_sec = std::int64_t{1} << 40;
  EXPECT_EQ(base::modification_ns(status), std::numeric_limits<std::int64_t>::max());
  status.st_mtim.tv_sec = -(std::int64_t{1} << 40);
  EXPECT_EQ(base::modification_ns(status), std::numeric_limits<std::int64_t>::min());
  status.st_mtim = {1, 5};
  EXPECT_EQ(base::modification_ns(status), 1'000'000'005);
}

TEST(Catalogue, RootThatIsNotThereIsAnError) {
  test::expect_error(ErrorCode::not_found, [] { absolute_roots({"/no/such/folder"}); });
}

}  // namespace
}  // namespace vivace::library
