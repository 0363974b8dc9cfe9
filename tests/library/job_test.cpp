#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "base/machine.hpp"
#include "library/analyze_job.hpp"
#include "library/digest.hpp"
#include "library/verify.hpp"
#include "library/work_queue.hpp"
#include "sample_library.hpp"
#include "support/child_process.hpp"
#include "support/errors.hpp"
#include "support/sanitizers.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

void expect_sound(Database& database) {
  const Verification found = verify(database);
  EXPECT_TRUE(found.problems.empty()) << found.problems.front();
  EXPECT_EQ(found.workers, 0U);
}

/// An analyst that counts the tracks and sets that it was asked for.
class CountingAnalyst {
 public:
  TrackAnalyst analyst() {
    return [this](const fs::path& path, const std::vector<std::size_t>& wanted, const auto&) {
      ++tracks;
      sets += wanted.size();
      return sample_findings(path, wanted);
    };
  }

  std::atomic<std::size_t> tracks = 0;
  std::atomic<std::size_t> sets = 0;
};

TEST(Job, DoesOnlyWhatIsMissing) {
  const SampleLibrary library(6);
  Database database = open_library(library);
  CountingAnalyst counter;
  library.analyse(database, {sample_set("a")}, counter.analyst());
  library.analyse(database, {sample_set("a")}, counter.analyst());
  EXPECT_EQ(counter.tracks, 6U);
  library.analyse(database, {sample_set("a"), sample_set("b")}, counter.analyst());
  EXPECT_EQ(counter.tracks, 12U);
  EXPECT_EQ(counter.sets, 12U);
  library.analyse(database, {sample_set("a", 2), sample_set("b")}, counter.analyst());
  EXPECT_EQ(counter.sets, 18U);
  library.analyse(database, {sample_set("a", 2), sample_set("b", 1, R"({"rate_hz":22050})")}, counter.analyst());
  EXPECT_EQ(counter.sets, 24U);
  expect_sound(database);
}

TEST(Job, ManyThreadsGiveWhatOneGives) {
  const SampleLibrary library(50);
  Database one = open_library(library);
  library.analyse(one, {sample_set("a"), sample_set("b")});
  const std::string digest = content_digest(one);
  Database many(library.path().string() + "2", Database::Access::write);
  JobOptions options = library.job_options();
  options.workers = 8;
  library.analyse(many, {sample_set("b"), sample_set("a")}, analyse_sample, options);
  EXPECT_EQ(content_digest(many), digest);
}

TEST(Job, ProcessesShareTheWork) {
  const SampleLibrary library(60);
  { Database database = open_library(library); }
  std::mutex mutex;
  std::multiset<fs::path> seen;
  const auto analyst = [&](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::scoped_lock lock(mutex);
    seen.insert(path);
    return sample_findings(path, sets);
  };
  {
    std::vector<std::jthread> processes;
    for (int i = 0; i < 3; ++i) {
      processes.emplace_back([&] {
        Database database(library.path(), Database::Access::write);
        library.analyse(database, {sample_set("a")}, analyst);
      });
    }
  }
  EXPECT_EQ(seen.size(), 60U);
  EXPECT_EQ(std::set<fs::path>(seen.begin(), seen.end()).size(), 60U);
  Database database = open_library(library);
  expect_sound(database);
}

TEST(Job, FailureOfATrackIsKeptAndNotTriedAgain) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  const auto analyst = [](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    if (path.filename() == "track 1.mp3") throw Error(ErrorCode::corrupt_data, path.string(), "no music");
    return sample_findings(path, sets);
  };
  const JobSummary summary = library.analyse(database, {sample_set("a")}, analyst);
  EXPECT_EQ(summary.done, 2U);
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(library.analyse(database, {sample_set("a")}).open, 0U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE error_message = 'no music'"), 1);
  expect_sound(database);
}

TEST(Job, FailureOfAFeatureLeavesTheOthers) {
  const SampleLibrary library(1);
  Database database = open_library(library);
  const auto analyst = [](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    TrackFindings findings = sample_findings(path, sets);
    findings.sets[1].values.assign(2, analyze::none("it broke"));
    findings.sets[1].error = Error(ErrorCode::internal, "it broke");
    return findings;
  };
  EXPECT_EQ(library.analyse(database, {sample_set("a"), sample_set("b")}, analyst).failed, 1U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE state = 'done'"), 1);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM reasons WHERE reason = 'it broke'"), 2);
  expect_sound(database);
}

TEST(Job, TrackThatTakesTooLongIsPassedOver) {
  const SampleLibrary library(4);
  Database database = open_library(library);
  const auto analyst = [](const fs::path& path, const std::vector<std::size_t>& sets,
                          const std::function<void()>& checkpoint) {
    while (path.filename() == "track 2.mp3") checkpoint();
    return sample_findings(path, sets);
  };
  JobOptions options = library.job_options();
  options.limits.time_s = 0.05;
  const JobSummary summary = library.analyse(database, {sample_set("a")}, analyst, options);
  EXPECT_EQ(summary.done, 3U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE error_code = 'resource_exhausted'"), 1);
}

TEST(Job, TrackThatMeetsTheLimitOfMemoryIsTriedAgainAlone) {
  const SampleLibrary library(8);
  Database database = open_library(library);
  std::mutex mutex;
  std::multiset<fs::path> seen;
  const auto analyst = [&](const fs::path& path, const std::vector<std::size_t>&,
                           const std::function<void()>& checkpoint) -> TrackFindings {
    {
      const std::scoped_lock lock(mutex);
      seen.insert(path);
    }
    while (true) checkpoint();
  };
  JobOptions options = library.job_options();
  options.workers = 2;
  options.limits.memory_bytes = 1;
  EXPECT_EQ(library.analyse(database, {sample_set("a")}, analyst, options).failed, 8U);
  EXPECT_EQ(seen.size(), 16U);
  expect_sound(database);
}

/// Memory of the system, which it gets back at once.
class Held {
 public:
  explicit Held(std::size_t size)
      : size_(size), bytes_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    std::memset(bytes_, 1, size_);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { ::munmap(bytes_, size_); }

 private:
  std::size_t size_;
  void* bytes_;
};

TEST(Job, TracksThatFitInMemoryOneByOneAreNotAllLeftForTheEnd) {
  if (test::kSanitized) GTEST_SKIP() << "a sanitizer takes memory of its own for that of a track";
  constexpr std::size_t kTrackBytes = 64 << 20;
  const SampleLibrary library(12);
  Database database = open_library(library);
  std::atomic<std::size_t> begun = 0;
  const auto analyst = [&](const fs::path& path, const std::vector<std::size_t>& sets,
                           const std::function<void()>& checkpoint) {
    ++begun;
    const Held held(kTrackBytes);
    for (int i = 0; i < 20; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      checkpoint();
    }
    return sample_findings(path, sets);
  };
  JobOptions options = library.job_options();
  options.workers = 4;
  options.limits.memory_bytes = base::resident_bytes() + kTrackBytes * 3 / 2;
  EXPECT_EQ(library.analyse(database, {sample_set("a")}, analyst, options).done, 12U);
  EXPECT_LE(begun, 18U);

  expect_sound(database);
}

TEST(Job, FolderThatVanishesEndsItWithoutFailures) {
  const SampleLibrary library(30);
  Database database = open_library(library);
  std::atomic<int> tracks = 0;
  const auto analyst = [&](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    if (++tracks == 10) fs::rename(library.music(), library.path().string() + " away");
    return sample_findings(path, sets);
  };
  test::expect_error(ErrorCode::unavailable, [&] { library.analyse(database, {sample_set("a")}, analyst); });
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE state = 'failed'"), 0);
  expect_sound(database);
  fs::rename(library.path().string() + " away", library.music());
  library.analyse(database, {sample_set("a")});
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE state = 'done'"), 30);
}

TEST(Job, FullOutputEndsItWithoutFailures) {
  const SampleLibrary library(30);
  Database database = open_library(library);
  std::atomic<int> tracks = 0;
  const auto analyst = [&](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    if (++tracks >= 10) throw OutputFull(Error(ErrorCode::resource_exhausted, "stems", "no space"));
    return sample_findings(path, sets);
  };
  test::expect_error(ErrorCode::resource_exhausted, [&] { library.analyse(database, {sample_set("a")}, analyst); });
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE state = 'failed'"), 0);
  expect_sound(database);
  library.analyse(database, {sample_set("a")});
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE state = 'done'"), 30);
}

TEST(Job, FileThatChangesWhileItIsReadIsNotStored) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  const auto analyst = [](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    TrackFindings findings = sample_findings(path, sets);
    if (path.filename() == "track 1.mp3") test::write_text(path, "another song");
    return findings;
  };
  EXPECT_EQ(library.analyse(database, {sample_set("a")}, analyst).vanished, 1U);
  EXPECT_EQ(library.analyse(database, {sample_set("a")}).done, 1U);
  EXPECT_EQ(integer_of(database, "SELECT max(\"a.size\") FROM features_a"), 12);
}

TEST(Job, TrackThatAnotherProcessFoundChangedIsNotCountedAsDone) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  const auto analyst = [&](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    if (path.filename() == "track 1.mp3") {
      Database other(library.path(), Database::Access::write);
      execute(other, "UPDATE tracks SET size = 12 WHERE path = ?", path.string());
    }
    return sample_findings(path, sets);
  };
  const JobSummary summary = library.analyse(database, {sample_set("a")}, analyst);
  EXPECT_EQ(summary.done, 2U);
  EXPECT_EQ(summary.vanished, 1U);
  EXPECT_EQ(library.analyse(database, {sample_set("a")}).done, 1U);
  expect_sound(database);
}

TEST(Job, DatabaseThatFillsUpEndsItAndTheNextOneGoesOn) {
  const SampleLibrary library(2000);
  Database database = open_library(library);
  library.scan(database);
  const auto pages = database.connection().execAndGet("PRAGMA page_count").getInt();
  database.connection().exec("PRAGMA max_page_count = " + std::to_string(pages + 15));
  test::expect_error(ErrorCode::resource_exhausted, [&] { library.analyse(database, {sample_set("a")}); });
  database.connection().exec("PRAGMA max_page_count = 1000000");
  library.analyse(database, {sample_set("a")});
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM features_a"), 2000);
  expect_sound(database);
}

TEST(Job, StopFinishesWhatIsUnderWay) {
  const SampleLibrary library(20);
  Database database = open_library(library);
  Results results(database, {store_feature_set(database, sample_set("a"))});
  library.scan(database);
  std::stop_source stop;
  std::size_t tracks = 0;
  const auto observe = [&](const JobEvent* event, const JobSummary&) {
    if (event != nullptr && ++tracks == 5) stop.request_stop();
  };
  const auto analyst = [](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return sample_findings(path, sets);
  };
  const JobSummary summary = run_job(database, results, analyst, library.job_options(), observe, stop.get_token());
  EXPECT_TRUE(summary.interrupted);
  EXPECT_LT(summary.done, 20U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results"), static_cast<std::int64_t>(summary.done));
  expect_sound(database);
}

TEST(Job, StopDuringTheLastTrackIsNoInterruption) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  Results results(database, {store_feature_set(database, sample_set("a"))});
  library.scan(database);
  std::stop_source stop;
  std::size_t tracks = 0;
  const auto observe = [&](const JobEvent* event, const JobSummary&) {
    if (event != nullptr && ++tracks == 3) stop.request_stop();
  };
  const JobSummary summary =
      run_job(database, results, analyse_sample, library.job_options(), observe, stop.get_token());
  EXPECT_EQ(summary.done, 3U);
  EXPECT_FALSE(summary.interrupted);
}

/// Starts a process that analyses the library and dies with the track of this name.
void die_of(const SampleLibrary& library, const std::string& name) {
  const pid_t child = test::start_process([&] {
    Database database(library.path(), Database::Access::write);
    library.analyse(database, {sample_set("a")}, [&](const fs::path& path, const auto& sets, const auto&) {
      if (path.filename() == name) ::_exit(1);
      return sample_findings(path, sets);
    });
  });
  test::wait_for(child);
}

TEST(Job, TrackThatProcessesDieOfFailsAndNoOther) {
  const SampleLibrary library(30);
  for (int i = 0; i < WorkQueue::kMostDeaths; ++i) die_of(library, "track 7.mp3");
  Database database = open_library(library);
  const JobSummary summary = library.analyse(database, {sample_set("a")});
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM results WHERE state = 'done'"), 29);
  EXPECT_EQ(integer_of(database,
                       "SELECT count(*) FROM results JOIN tracks ON id = track WHERE error_code = 'internal' AND path "
                       "LIKE '%/track 7.mp3'"),
            1);
  EXPECT_EQ(integer_of(database, "SELECT count(*) FROM deaths"), 0);
  expect_sound(database);
}

class Overwriting : public testing::Test {
 protected:
  /// Does all of the set again, and stops behind so many tracks.
  JobSummary overwrite(std::size_t most, const std::string& scope = "") {
    Results results(database_, {store_feature_set(database_, sample_set("a"))}, scope);
    library_.scan(database_);
    database_.transaction([&] { results.reopen(0); });
    std::stop_source stop;
    std::size_t tracks = 0;
    const auto observe = [&](const JobEvent* event, const JobSummary&) {
      if (event != nullptr && ++tracks == most) stop.request_stop();
    };
    const auto analyst = [](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return sample_findings(path, sets);
    };
    return run_job(database_, results, analyst, library_.job_options(), observe, stop.get_token());
  }

  SampleLibrary library_{40};
  Database database_ = open_library(library_);
};

TEST_F(Overwriting, GoesOnWhereItWasStopped) {
  library_.analyse(database_, {sample_set("a")});
  const JobSummary first = overwrite(5);
  EXPECT_TRUE(first.interrupted);
  EXPECT_EQ(overwrite(100).open, 40 - first.done);
  EXPECT_EQ(overwrite(100).open, 40U);
}

TEST_F(Overwriting, OfOtherFilesBeginsAnew) {
  library_.analyse(database_, {sample_set("a")});
  overwrite(5, "some");
  EXPECT_EQ(overwrite(5, "others").open, 40U);
}

TEST(Job, OtherSettingsOfAnotherProcessAreNoticed) {
  const SampleLibrary library(3);
  Database database = open_library(library);
  const auto analyst = [&](const fs::path& path, const std::vector<std::size_t>& sets, const auto&) {
    Database other(library.path(), Database::Access::write);
    store_feature_set(other, sample_set("a", 1, R"({"rate_hz":22050})"));
    return sample_findings(path, sets);
  };
  const std::string said =
      test::expect_error(ErrorCode::unavailable, [&] { library.analyse(database, {sample_set("a")}, analyst); });
  test::expect_contains(said, "other settings");
}

}  // namespace
}  // namespace vivace::library
