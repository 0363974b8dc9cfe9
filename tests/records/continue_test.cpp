#include <signal.h>
#include <sys/wait.h>

#include <map>
#include <random>

#include "records/samples.hpp"
#include "support/child_process.hpp"

namespace vivace::records {
namespace {

using test::keep_all;
using test::TemporaryFolder;
using Names = std::set<std::string>;

const Schema kSchema = {{"path", FieldType::text}, {"status", FieldType::text}, {"v", FieldType::vector, 2}};

Record record(const std::string& path, const std::string& status = "done", float value = 1) {
  return {path, status, std::vector<float>{value, 0.5F}};
}

bool keep_done(const ExistingRecord& existing) { return !existing.failed; }

/// Key -> failed, of an output; a key that is there twice fails the test.
std::map<std::string, bool> read(const std::string& format, const std::filesystem::path& path) {
  std::map<std::string, bool> found;
  for (const ExistingRecord& existing : read_existing(format, path, {"path"})) {
    EXPECT_TRUE(found.emplace(existing.key.at(0), existing.failed).second) << existing.key.at(0) << " is there twice";
  }
  return found;
}

class Continue : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Sink> open(const std::function<bool(const ExistingRecord&)>& keep) const {
    return open_sink(GetParam(), {path_, kSchema, {"path"}, keep});
  }

  /// A run that ends without `finish` after these records.
  void interrupted_run(const std::vector<Record>& records, bool (*keep)(const ExistingRecord&) = keep_all) const {
    const auto sink = open(keep);
    for (const Record& each : records) sink->write(each);
  }

  void finished_run(const std::vector<Record>& records, bool (*keep)(const ExistingRecord&) = keep_all) const {
    const auto sink = open(keep);
    for (const Record& each : records) sink->write(each);
    sink->finish();
  }

  std::map<std::string, bool> existing() const { return read(GetParam(), path_); }
  std::string whole_text(const std::vector<Record>& records) const {
    const std::filesystem::path other = folder_ / "whole";
    test::write_all(GetParam(), {other, kSchema, {"path"}, {}}, records);
    std::string text = test::read_text(other);
    std::filesystem::remove(other);
    return text;
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "out put?#'\".dat";
  std::filesystem::path partial_ = path_.string() + ".partial";
  std::filesystem::path previous_ = path_.string() + ".previous.partial";
};

INSTANTIATE_TEST_SUITE_P(Text, Continue, ::testing::Values("csv", "jsonl"));

TEST_P(Continue, NothingThereIsNothingRead) {
  EXPECT_TRUE(existing().empty());
  EXPECT_TRUE(read_existing(GetParam(), "-", {"path"}).empty());
  EXPECT_TRUE(read_existing(GetParam(), "/dev/null", {"path"}).empty());
}

TEST_P(Continue, AnEmptyFileHoldsNothing) {
  test::write_text(path_, "");
  EXPECT_TRUE(existing().empty());
  finished_run({record("a")});
  EXPECT_EQ(test::read_text(path_), whole_text({record("a")}));
}

TEST_P(Continue, WithoutFinishNothingIsUnderTheName) {
  interrupted_run({record("a")});
  EXPECT_EQ(folder_.names(), (Names{partial_.filename().string()}));
}

TEST_P(Continue, AnUnusedSinkLeavesNothing) {
  interrupted_run({});
  EXPECT_TRUE(folder_.names().empty());
}

TEST_P(Continue, ResumedEqualsUninterrupted) {
  interrupted_run({record("a"), record("b \"\n,")});
  interrupted_run({record("c")});
  finished_run({record("d")});
  EXPECT_EQ(test::read_text(path_), whole_text({record("a"), record("b \"\n,"), record("c"), record("d")}));
  EXPECT_EQ(folder_.names(), Names{path_.filename().string()});
}

TEST_P(Continue, AFinishedRunIsGoneOnWith) {
  finished_run({record("a")});
  finished_run({record("b")});
  EXPECT_EQ(test::read_text(path_), whole_text({record("a"), record("b")}));
}

TEST_P(Continue, WithoutKeepTheOutputIsReplaced) {
  finished_run({record("a")});
  interrupted_run({record("b")});
  test::write_all(GetParam(), {path_, kSchema, {"path"}, {}}, {record("c")});
  EXPECT_EQ(test::read_text(path_), whole_text({record("c")}));
  EXPECT_EQ(folder_.names(), Names{path_.filename().string()});
}

TEST_P(Continue, ATornLastLineIsDropped) {
  interrupted_run({record("a"), record("b\nb"), record("c")});
  const std::string text = test::read_text(partial_);
  const std::size_t header = whole_text({}).size();
  for (std::size_t length = header; length < text.size(); ++length) {
    test::write_text(partial_, text.substr(0, length));
    const std::size_t whole = existing().size();
    EXPECT_LE(whole, 2U);
    finished_run({record("d")});
    EXPECT_EQ(existing().size(), whole + 1) << "cut to " << length << " bytes";
    std::filesystem::remove(path_);
  }
}

TEST_P(Continue, AFinishedFileMayLackItsLastLineEnd) {
  const std::string text = whole_text({record("a"), record("b")});
  test::write_text(path_, text.substr(0, text.size() - 1));
  finished_run({record("c")});
  EXPECT_EQ(test::read_text(path_), whole_text({record("a"), record("b"), record("c")}));
}

TEST_P(Continue, FailedRecordsAreDroppedOnRetry) {
  finished_run({record("a"), record("b", "failed"), record("c")});
  EXPECT_EQ(existing(), (std::map<std::string, bool>{{"a", false}, {"b", true}, {"c", false}}));
  finished_run({record("b", "done", 2)}, keep_done);
  EXPECT_EQ(test::read_text(path_), whole_text({record("a"), record("c"), record("b", "done", 2)}));
}

TEST_P(Continue, TheLaterOfTwoRunsCounts) {
  finished_run({record("a"), record("b", "failed")});
  interrupted_run({record("b", "done", 2)}, keep_done);
  EXPECT_EQ(existing(), (std::map<std::string, bool>{{"a", false}, {"b", false}}));
  finished_run({});
  EXPECT_EQ(test::read_text(path_), whole_text({record("a"), record("b", "done", 2)}));
}

TEST_P(Continue, ARunKilledWhileItCarriedOverLosesNothing) {
  interrupted_run({record("a"), record("b"), record("c")});
  std::filesystem::rename(partial_, previous_);
  EXPECT_EQ(existing().size(), 3U) << "set aside, and no new file yet";
  test::write_text(partial_, whole_text({record("a")}));
  EXPECT_EQ(existing().size(), 3U) << "part of it copied";
  finished_run({record("d")});
  EXPECT_EQ(test::read_text(path_), whole_text({record("a"), record("b"), record("c"), record("d")}));
  EXPECT_EQ(folder_.names(), Names{path_.filename().string()});
}

TEST(ContinueCsv, RefusesOtherColumnsAndLeavesTheFileAsItWas) {
  const TemporaryFolder folder;
  test::write_text(folder / "o.csv", "path,other\na,1\n");
  test::expect_contains(test::expect_error(ErrorCode::invalid_argument,
                                           [&] {
                                             open_sink("csv", {folder / "o.csv", kSchema, {"path"}, keep_all});
                                           }),
                        "write to another file");
  EXPECT_EQ(test::read_text(folder / "o.csv"), "path,other\na,1\n");
  EXPECT_EQ(folder.names(), Names{"o.csv"});
}

class OtherFields : public ::testing::TestWithParam<std::string> {};

TEST_P(OtherFields, AreRefusedAndTheOutputStaysAsItWas) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "o";
  test::write_all(GetParam(), {path, kSchema, {"path"}, {}}, {record("a")});
  Schema wider = kSchema;
  wider.push_back({"rows", FieldType::vector});
  const Schema narrower(kSchema.begin(), kSchema.begin() + 2);
  for (const Schema& other : {wider, narrower}) {
    test::expect_contains(test::expect_error(ErrorCode::invalid_argument,
                                             [&] {
                                               open_sink(GetParam(), {path, other, {"path"}, keep_all});
                                             }),
                          "write to another file");
    EXPECT_EQ(read(GetParam(), path).size(), 1U);
  }
  open_sink(GetParam(), {path, kSchema, {"path"}, keep_all})->finish();
  EXPECT_EQ(read(GetParam(), path).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Formats, OtherFields, ::testing::Values("csv", "jsonl", "db"));

TEST_P(Continue, ARunThatIsNotOverIsLeftAlone) {
  const auto running = open(nullptr);
  running->write(record("a"));
  test::expect_error(ErrorCode::unavailable, [&] { open(keep_all); });
  test::expect_error(ErrorCode::unavailable, [&] { open(nullptr); });
  running->write(record("b"));
  running->finish();
  EXPECT_EQ(test::read_text(path_), whole_text({record("a"), record("b")}));
}

struct BadCsv {
  std::string text;
  ErrorCode code;
};

class StoredCsv : public ::testing::TestWithParam<BadCsv> {};

TEST_P(StoredCsv, IsRefused) {
  const TemporaryFolder folder;
  test::write_text(folder / "o.csv", GetParam().text);
  test::expect_error(GetParam().code, [&] { read_existing("csv", folder / "o.csv", {"path"}); });
}

INSTANTIATE_TEST_SUITE_P(Cases, StoredCsv,
                         ::testing::Values(BadCsv{"name,x\na,1\n", ErrorCode::invalid_argument},
                                           BadCsv{"path,x\na\n", ErrorCode::corrupt_data},
                                           BadCsv{"path,x\na,1,2\n", ErrorCode::corrupt_data},
                                           BadCsv{"path,x\n\"a,1\n", ErrorCode::corrupt_data}));

/// A process that goes on with the output until it holds `count` records.
pid_t start_run(const std::string& format, const std::filesystem::path& path, int count) {
  return test::start_process([&] {
    const auto done = read(format, path);
    const auto sink = open_sink(format, {path, kSchema, {"path"}, keep_all});
    for (int i = 0; i < count; ++i) {
      if (!done.contains(std::to_string(i))) sink->write(record(std::to_string(i)));
    }
    sink->finish();
  });
}

class Killed : public ::testing::TestWithParam<std::string> {};

TEST_P(Killed, AtAnyInstantNothingThatWasThereIsLost) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "o";
  std::mt19937 random(11);
  std::size_t held = 0;
  int count = 500;
  for (int round = 0; round < 80; ++round) {
    const pid_t process = start_run(GetParam(), path, count);
    usleep(static_cast<useconds_t>(random() % 12'000));
    kill(process, SIGKILL);
    const int status = test::wait_for(process);
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << "round " << round;
    const std::size_t now = read(GetParam(), path).size();
    ASSERT_GE(now, held) << "round " << round;
    held = now;
    if (held == static_cast<std::size_t>(count)) count += 500;
  }
  EXPECT_EQ(test::wait_for(start_run(GetParam(), path, count)), 0);
  EXPECT_EQ(read(GetParam(), path).size(), static_cast<std::size_t>(count));
  EXPECT_EQ(folder.names(), Names{"o"});
}

INSTANTIATE_TEST_SUITE_P(Formats, Killed, ::testing::Values("csv", "jsonl", "db"));

}  // namespace
}  // namespace vivace::records
