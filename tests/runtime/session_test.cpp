#include "runtime/session.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "runtime/placement.hpp"
#include "support/temporary_folder.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

SessionOptions musicnn() {
  return {.graph = std::filesystem::path(VIVACE_SOURCE_DIR) / ".deps/models/msd-musicnn/model.onnx"};
}

template <typename Action>
ErrorCode code_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::internal;
}

/// Runs MusiCNN on 187 frames of zeros into tensors of the given name and width.
std::vector<float> run(const Session& session, const char* output, std::int64_t width) {
  const std::vector<float> frames(187 * 96);
  const std::array<std::int64_t, 2> input_shape{187, 96};
  const std::array<std::int64_t, 2> output_shape{1, width};
  std::vector<float> values(static_cast<std::size_t>(width));
  const InputTensor input{"melspectrogram", frames, input_shape};
  const OutputTensor result{output, values, output_shape};
  session.run({&input, 1}, {&result, 1});
  return values;
}

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
  const auto tags = run(*session, "activations", 50);
  for (const float tag : tags) {
    EXPECT_GT(tag, 0);
    EXPECT_LT(tag, 1);
  }
}

TEST(Session, TensorsThatDoNotFitAreAMismatch) {
  const auto session = open_session(musicnn());
  EXPECT_EQ(code_of([&] { run(*session, "no such output", 50); }), ErrorCode::model_mismatch);
  EXPECT_NE(code_of([&] { run(*session, "activations", 49); }), ErrorCode::cancelled);
}

TEST(OpenSession, RefusesWhatIsMissingOrNoGraph) {
  const test_support::TemporaryFolder folder;
  std::ofstream(folder / "text.onnx") << "this is not a graph";
  EXPECT_EQ(code_of([&] { open_session({.graph = folder / "none.onnx"}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { open_session({.graph = folder / "text.onnx"}); }), ErrorCode::model_mismatch);
}

TEST(OpenSession, SaysWhyNothingAccepts) {
  SessionOptions options = musicnn();
  options.provider = "abacus";
  EXPECT_EQ(code_of([&] { open_session(options); }), ErrorCode::unavailable);
}

TEST(Candidates, EndWithThePlainCpuWhichAlwaysAccepts) {
  const auto reports = candidate_reports();
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back().name, "onnxruntime/cpu");
  EXPECT_FALSE(reports.back().reason.has_value());
}

}  // namespace
}  // namespace vivace::runtime
