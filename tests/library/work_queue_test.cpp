#include "library/work_queue.hpp"

#include <gtest/gtest.h>

#include "sample_library.hpp"

namespace vivace::library {
namespace {

/// A library of three tracks, the first of which may end one more process before it counts as failed.
class WorkQueueWithSuspect : public testing::Test {
 protected:
  void SetUp() override {
    library_.scan(database_);
    execute(database_, "INSERT INTO deaths VALUES (1, ?)", WorkQueue::kMostDeaths - 1);
    queue_.emplace(database_, results_, 1, WorkQueue::Listener{[](const TrackFile&) {}, [](const TrackOutcome&) {}});
  }

  void put(const Work& work) {
    TrackFindings findings = sample_findings(work.file.path, work.sets);
    queue_->put({work.file, std::move(findings.properties), std::move(findings.sets)});
  }

  /// Tracks that could be taken.
  int take_all() {
    int taken = 0;
    for (; const std::optional<Work> work = queue_->take({}); ++taken) put(*work);
    return taken;
  }

  SampleLibrary library_{3};
  Database database_ = open_library(library_);
  Results results_{database_, {store_feature_set(database_, sample_set("a"))}};
  std::optional<WorkQueue> queue_;
};

TEST_F(WorkQueueWithSuspect, KeepsItForLast) {
  EXPECT_EQ(take_all(), 2);
  const std::optional<Work> suspect = queue_->take_suspect({});
  ASSERT_TRUE(suspect);
  EXPECT_EQ(suspect->file.id, 1);
  EXPECT_EQ(suspect->deaths, WorkQueue::kMostDeaths - 1);
}

TEST_F(WorkQueueWithSuspect, GivesItWhereAllElseWasWrittenBefore) {
  take_all();
  queue_->finish();
  EXPECT_TRUE(queue_->take_suspect({}));
}

TEST_F(WorkQueueWithSuspect, IsThroughBehindIt) {
  take_all();
  EXPECT_FALSE(queue_->is_through());
  put(queue_->take_suspect({}).value());
  EXPECT_FALSE(queue_->take_suspect({}));
  EXPECT_TRUE(queue_->is_through());
}

}  // namespace
}  // namespace vivace::library
