#include "runtime/thread_plan.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

struct PlanCase {
  ThreadOptions options;
  std::size_t workers;
  std::size_t intra_op;
  std::size_t left;  // of eight cores
};

TEST(ThreadPlan, SettlesWhatIsLeftOpen) {
  constexpr auto kLatency = ThreadPlan::latency;
  const std::vector<PlanCase> cases = {
      {{}, 1, 1, 7},
      {{.workers = 0}, 8, 1, 0},
      {{.workers = 0, .intra_op = 2}, 4, 2, 0},
      {{.workers = 3, .intra_op = 0}, 3, 1, 5},
      {{.plan = kLatency, .workers = 0, .intra_op = 0}, 1, 8, 0},
      {{.plan = kLatency, .workers = 2, .intra_op = 0}, 2, 4, 0},
      {{.plan = kLatency, .workers = 1, .intra_op = 3}, 1, 3, 5},
      {{.workers = 20}, 20, 1, 0},
  };
  for (const PlanCase& plan : cases) {
    base::ThreadBudget budget(8);
    const ThreadAllotment allotment = allot(plan.options, budget);
    EXPECT_EQ(allotment.workers, plan.workers);
    EXPECT_EQ(allotment.intra_op, plan.intra_op);
    EXPECT_EQ(budget.left(), plan.left);
  }
}

TEST(ThreadPlan, EnginesShareOneBudget) {
  base::ThreadBudget budget(8);
  const ThreadAllotment first = allot({.workers = 5}, budget);
  EXPECT_EQ(allot({.workers = 0}, budget).workers, 3U);
}

TEST(ThreadPlan, RefusesWhatIsOutOfRange) {
  base::ThreadBudget budget(8);
  const auto refuse = [&](const ThreadOptions& options) {
    return expect_error(ErrorCode::invalid_argument, [&] { allot(options, budget); });
  };
  expect_contains(refuse({.workers = 5000}), "workers: is 5000; it must be 0 to 1024");
  expect_contains(refuse({.intra_op = 5000}), "intra_op: is 5000");
  expect_contains(refuse({.spin = std::chrono::seconds(2)}), "spin: is 2000000 us");
  expect_contains(refuse({.cores = {0}, .numa_node = 0}), "together with cores");
  expect_contains(refuse({.numa_node = 999}), "NUMA node 999");
  EXPECT_EQ(budget.left(), 8U);
}

TEST(ThreadPlan, WorkersStayOnTheirCores) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 1}}}));
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.threads.workers = 2;
  options.threads.nice = 1;
  options.threads.cores = {base::allowed_cores().back()};
  Engine engine(options);
  std::promise<std::vector<int>> cores;
  engine.submit({{"x", Tensor(ElementType::float32, {1, 8})}}, {},
                [&](const Prediction&, const std::optional<Error>&) { cores.set_value(base::allowed_cores()); });
  EXPECT_EQ(cores.get_future().get(), options.threads.cores);
  EXPECT_EQ(base::allowed_cores().empty(), false) << "the caller's own are left alone";
  options.threads.cores = {1023};
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { Engine{options}; }), "core 1023");
}

}  // namespace
}  // namespace vivace::runtime
