#include "library/worker.hpp"

#include <gtest/gtest.h>

#include "sample_library.hpp"
#include "support/child_process.hpp"

namespace vivace::library {
namespace {

using namespace std::chrono_literals;

/// A row of a process that never was this one, with a lease of the first track.
std::int64_t add_worker(Database& database, const ProcessIdentity& process) {
  execute(database, "INSERT INTO workers (host, system, pid, started) VALUES (?, ?, ?, ?)", process.host,
          process.system, process.pid, process.started);
  const std::int64_t id = database.connection().getLastInsertRowid();
  execute(database, "INSERT INTO leases VALUES (1, ?)", id);
  return id;
}

std::int64_t leases(Database& database) { return integer_of(database, "SELECT count(*) FROM leases"); }

class Workers : public testing::Test {
 protected:
  void SetUp() override {
    library_.scan(database_);
    worker_.enter();
  }

  SampleLibrary library_{2};
  Database database_ = open_library(library_);
  Worker worker_{database_};
};

TEST_F(Workers, ThisProcessRuns) { EXPECT_TRUE(still_runs(this_process())); }

TEST_F(Workers, LaterProcessOfTheSameNumberIsAnother) {
  ProcessIdentity earlier = this_process();
  --earlier.started;
  EXPECT_FALSE(still_runs(earlier));
}

TEST_F(Workers, TrackIsLeasedOnce) {
  Worker other(database_);
  other.enter();
  EXPECT_TRUE(worker_.lease(1));
  EXPECT_FALSE(other.lease(1));
  worker_.leave();
  EXPECT_TRUE(other.lease(1));
}

TEST_F(Workers, LivingProcessKeepsItsLeases) {
  add_worker(database_, this_process());
  worker_.bury_dead();
  EXPECT_EQ(leases(database_), 1);
}

TEST_F(Workers, EndedProcessLosesItsLeasesAtOnce) {
  const pid_t child = test::start_process([] {});
  test::wait_for(child);
  ProcessIdentity ended = this_process();
  ended.pid = child;
  add_worker(database_, ended);
  worker_.bury_dead();
  EXPECT_EQ(leases(database_), 0);
}

TEST_F(Workers, ProcessOfAnEarlierBootIsDead) {
  ProcessIdentity earlier = this_process();
  earlier.system = "another-boot pid:[1]";
  add_worker(database_, earlier);
  worker_.bury_dead();
  EXPECT_EQ(leases(database_), 0);
}

TEST_F(Workers, ProcessElsewhereIsDeadWhenItsHeartbeatStops) {
  ProcessIdentity elsewhere = this_process();
  elsewhere.host = "elsewhere";
  elsewhere.system = "another-boot pid:[1]";
  const std::int64_t id = add_worker(database_, elsewhere);
  const Worker::Clock::time_point start{};
  worker_.bury_dead(start);
  worker_.bury_dead(start + Worker::kSilence - 1s);
  EXPECT_EQ(leases(database_), 1);
  execute(database_, "UPDATE workers SET heartbeat = heartbeat + 1 WHERE id = ?", id);
  worker_.bury_dead(start + Worker::kSilence);
  worker_.bury_dead(start + 2 * Worker::kSilence - 1s);
  EXPECT_EQ(leases(database_), 1);
  worker_.bury_dead(start + 2 * Worker::kSilence);
  EXPECT_EQ(leases(database_), 0);
}

TEST_F(Workers, ProcessThatHangsIsTakenForDead) {
  const std::int64_t id = add_worker(database_, this_process());
  const Worker::Clock::time_point start{};
  worker_.bury_dead(start);
  execute(database_, "UPDATE workers SET heartbeat = heartbeat + 1 WHERE id = ?", id);
  worker_.bury_dead(start + Worker::kSilence);
  EXPECT_EQ(leases(database_), 1);
  EXPECT_FALSE(worker_.sees_dead(start + 2 * Worker::kSilence - 1s));
  EXPECT_TRUE(worker_.sees_dead(start + 2 * Worker::kSilence));
  worker_.bury_dead(start + 2 * Worker::kSilence);
  EXPECT_EQ(leases(database_), 0);
}

TEST_F(Workers, DeathsCountForTheTracksThatWereTakenOnUntilThereIsAResult) {
  ProcessIdentity ended = this_process();
  --ended.started;
  for (int i = 1; i <= 2; ++i) {
    add_worker(database_, ended);
    worker_.bury_dead();
    EXPECT_EQ(worker_.deaths(1), i);
    EXPECT_EQ(worker_.deaths(2), 0);
  }
  worker_.settle(1);
  EXPECT_EQ(worker_.deaths(1), 0);
}

TEST_F(Workers, HoldersAreNamed) {
  EXPECT_EQ(worker_.holders(), "");
  ProcessIdentity other = this_process();
  other.host = "elsewhere";
  add_worker(database_, other);
  EXPECT_EQ(worker_.holders(), "process " + std::to_string(other.pid) + " on elsewhere");
}

TEST_F(Workers, ProcessThatWasTakenForDeadComesBack) {
  execute(database_, "DELETE FROM workers");
  worker_.beat();
  EXPECT_TRUE(worker_.lease(1));
}

}  // namespace
}  // namespace vivace::library
