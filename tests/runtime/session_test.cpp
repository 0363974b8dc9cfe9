#include "runtime/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/machine.hpp"
#include "runtime/placement.hpp"
#include "support/allocations.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/isolated_model.hpp"
#include "support/sanitizers.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/threads.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

SessionOptions graph_of(const std::string& model) { return {.graph = test::installed_model(model) / "model.onnx"}; }

SessionOptions musicnn() { return graph_of("msd-musicnn"); }

/// MusiCNN on patches of zeros, with one output of the given name and width.
class Patches {
 public:
  Patches(const char* output, std::int64_t width, std::int64_t count = 1)
      : output_(output),
        input_shape_{187 + 93 * (count - 1), 96},
        output_shape_{count, width},
        frames_(static_cast<std::size_t>(input_shape_[0] * input_shape_[1])),
        values_(static_cast<std::size_t>(count * width)) {}

  const std::vector<float>& run(const Session& session) {
    const InputTensor input{"melspectrogram", frames_, input_shape_};
    const OutputTensor result{output_, values_, output_shape_};
    session.run({&input, 1}, {&result, 1});
    return values_;
  }

 private:
  const char* output_;
  std::array<std::int64_t, 2> input_shape_;
  std::array<std::int64_t, 2> output_shape_;
  std::vector<float> frames_;
  std::vector<float> values_;
};

TEST(Session, TellsTheTensorsOfItsGraph) {
  const auto session = open_session(musicnn());
  EXPECT_EQ(session->placement(), "onnxruntime/cpu");
  ASSERT_EQ(session->inputs().size(), 1U);
  EXPECT_EQ(session->inputs()[0].name, "melspectrogram");
  EXPECT_EQ(session->inputs()[0].element_type, "float32");
  EXPECT_EQ(session->inputs()[0].shape, (std::vector<std::int64_t>{-1, 96}));
  EXPECT_EQ(session->outputs().size(), 2U);
}

TEST(Session, WritesIntoTheCallersMemoryAndOnlyWhatIsNamed) {
  const auto session = open_session(musicnn());
  Patches patch("activations", 50);
  for (const float tag : patch.run(*session)) {
    EXPECT_GT(tag, 0);
    EXPECT_LT(tag, 1);
  }
}

TEST(Session, TensorsThatDoNotFitAreAMismatch) {
  const auto session = open_session(musicnn());
  const auto refusal = [&](const char* output, std::int64_t width) {
    return expect_error(ErrorCode::model_mismatch, [&] { Patches(output, width).run(*session); });
  };
  expect_contains(refusal("no such output", 50), "no such output");
  expect_contains(refusal("activations", 49), "49");
}

struct Threads {
  int wanted;
  std::size_t started;
};
class SessionWithThreads : public ::testing::TestWithParam<Threads> {};
TEST_P(SessionWithThreads, CountsTheCallerAmongThem) {
  const auto first = open_session(musicnn());  // what the library starts once a process is there by now
  SessionOptions options = musicnn();
  options.intra_op_threads = GetParam().wanted;
  const std::size_t before = test::thread_count();
  const auto session = open_session(options);
  Patches("activations", 50).run(*session);
  EXPECT_EQ(test::thread_count() - before, GetParam().started);
}
INSTANTIATE_TEST_SUITE_P(Counts, SessionWithThreads, ::testing::Values(Threads{1, 0}, Threads{3, 2}));

/// What one run takes from `operator new` once it has been run before.
std::size_t bytes_of_a_run(const Session& session, std::int64_t count) {
  Patches patches("embeddings", 200, count);
  for (int i = 0; i < 3; ++i) patches.run(session);
  const test::AllocationWatch watch;
  patches.run(session);
  return watch.bytes();
}

// ONNX Runtime's own bookkeeping takes some memory, the same for every run.
TEST(Session, RunsWithoutTakingMemoryForTensors) {
  if (!test::AllocationWatch::works()) GTEST_SKIP() << "a sanitizer brings its own operator new";
  const auto session = open_session(musicnn());
  EXPECT_LT(bytes_of_a_run(*session, 16), bytes_of_a_run(*session, 1) + 1024);
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

struct Blocked {
  std::string model;
  std::size_t nodes;  ///< at least so many work on blocks of channels, in the domain of that layout
};
std::ostream& operator<<(std::ostream& out, const Blocked& blocked) { return out << blocked.model; }

class BlockedLayout : public ::testing::TestWithParam<Blocked> {};
TEST_P(BlockedLayout, IsThatOfTheConvolutions) {
  const test::TemporaryFolder folder;
  SessionOptions options = graph_of(GetParam().model);
  options.optimized_graph = folder / "optimized.onnx";
  open_session(options);
  EXPECT_GE(occurrences(test::read_text(options.optimized_graph), "com.microsoft.nchwc"), GetParam().nodes);
}
INSTANTIATE_TEST_SUITE_P(Models, BlockedLayout,
                         ::testing::Values(Blocked{"msd-musicnn", 20}, Blocked{"discogs-effnet-seeded", 100}));

TEST(OpenSession, RefusesWhatIsMissingOrNoGraph) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "text.onnx", "this is not a graph");
  expect_error(ErrorCode::not_found, [&] { open_session({.graph = folder / "none.onnx"}); });
  expect_error(ErrorCode::model_mismatch, [&] { open_session({.graph = folder / "text.onnx"}); });
}

TEST(OpenSession, SaysWhyNothingAccepts) {
  SessionOptions options = musicnn();
  options.placement.provider = "abacus";
  expect_contains(expect_error(ErrorCode::unavailable, [&] { open_session(options); }),
                  "no backend 'auto' with provider 'abacus'");
}

TEST(Candidates, HaveThePlainCpuWhichAlwaysAccepts) {
  const auto reports = candidate_reports();
  const auto cpu = std::find_if(reports.begin(), reports.end(),
                                [](const CandidateReport& report) { return report.name == "onnxruntime/cpu"; });
  ASSERT_NE(cpu, reports.end());
  EXPECT_FALSE(cpu->reason.has_value());
  EXPECT_EQ(cpu->precisions, (std::vector<std::string>{"fp32", "int8"}));
}

TEST(Session, TheLimitOfTheArenaIsSettledByTheFirst) {
  SessionOptions options = musicnn();
  const auto first = open_session(options);
  options.arena_limit_bytes = 1'000'000;
  expect_contains(
      expect_error(ErrorCode::invalid_argument, [&] { open_session(options); }),
      "arena_limit_bytes: is 1000000; the arena, which all engines of this process share, was made without a "
      "limit");
}

TEST(Session, TheLimitOfTheArenaGoesWithTheLastSession) {
  const test::GraphFile graph(test::expand_graph());
  SessionOptions options = graph.session();
  for (const std::size_t megabytes : {32, 48}) {
    options.arena_limit_bytes = megabytes << 20;
    const std::unique_ptr<Session> session = open_session(options);
    EXPECT_EQ(test::expand(*session, 4'000'000), 4'000'000U);
    expect_error(ErrorCode::resource_exhausted, [&] { test::expand(*session, 16'000'000); });
  }
  EXPECT_EQ(test::expand(*open_session(graph.session()), 16'000'000), 16'000'000U);
}

TEST(Session, ThatIsNotOpenedLeavesTheLimitOfTheArenaOpen) {
  const test::GraphFile no_graph("this is not a graph");
  SessionOptions refused = no_graph.session();
  refused.arena_limit_bytes = 1'000'000;
  expect_error(ErrorCode::model_mismatch, [&] { open_session(refused); });
  SessionOptions options = musicnn();
  options.placement.cache = false;
  options.arena_limit_bytes = 100'000;
  expect_error(ErrorCode::resource_exhausted, [&] { open_session(options); });
  options.arena_limit_bytes = 200'000'000;
  EXPECT_NO_THROW(open_session(options));
}

TEST(Session, TheLastOneTakesTheMemoryOfTheArenaAlong) {
  if (test::kSanitized) GTEST_SKIP() << "a sanitizer keeps memory that was given back";
  const test::GraphFile graph(test::expand_graph());
  const auto resident_after = [&](std::int64_t count) {
    test::expand(*open_session(graph.session()), count);
    return base::resident_bytes();
  };
  const std::size_t before = resident_after(1000);
  EXPECT_LT(resident_after(16'000'000), before + (std::size_t{8} << 20));
}

}  // namespace
}  // namespace vivace::runtime
