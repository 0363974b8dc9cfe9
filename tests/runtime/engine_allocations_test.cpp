#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "runtime/session.hpp"
#include "support/allocations.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

constexpr std::int64_t kWidth = 8;
constexpr std::size_t kRuns = 200;

/// What the backend itself allocates in `kRuns` runs of one row, called without anything around it.
std::size_t allocations_of_session(const std::filesystem::path& graph) {
  const auto session = runtime::open_session({.graph = graph});
  const std::vector<float> x(kWidth, 1);
  std::array<float, 3> y{};
  const std::array<std::int64_t, 2> x_shape{1, kWidth};
  const std::array<std::int64_t, 2> y_shape{1, 3};
  const runtime::InputTensor input{"x", x, x_shape};
  const runtime::OutputTensor output{"y", y, y_shape};
  const auto run = [&] { session->run({&input, 1}, {&output, 1}); };
  for (int i = 0; i < 3; ++i) run();
  const test::AllocationWatch watch;
  for (std::size_t i = 0; i < kRuns; ++i) run();
  return watch.count_of_all_threads();
}

/// How the engine is used, by the most rows that share a run.
class EngineAllocations : public ::testing::TestWithParam<std::size_t> {};

TEST_P(EngineAllocations, AreThoseOfTheBackendAlone) {
  if (!test::AllocationWatch::works()) GTEST_SKIP() << "a sanitizer brings its own operator new";
  const test::TemporaryFolder folder;
  const std::filesystem::path graph = folder / "net.onnx";
  test::write_text(graph, test::tiny_graph({"x", {-1, kWidth}}, {{"y", {-1, 3}}}));
  EngineOptions options;
  options.model = graph;
  options.max_batch = GetParam();
  Engine engine(options);
  const Engine::Inputs inputs = {{"x", Tensor(ElementType::float32, {1, kWidth})}};
  Prediction prediction;
  // The least of some rounds: a thread that runs the model for the first time makes its memory then.
  std::size_t allocations = std::numeric_limits<std::size_t>::max();
  for (int round = 0; round < 5; ++round) {
    const test::AllocationWatch watch;
    for (std::size_t i = 0; i < kRuns; ++i) engine.predict(inputs, prediction);
    allocations = std::min(allocations, watch.count_of_all_threads());
  }
  EXPECT_LE(allocations, allocations_of_session(graph));
}

INSTANTIATE_TEST_SUITE_P(MaxBatch, EngineAllocations, ::testing::Values(1, 8));

}  // namespace
}  // namespace vivace
