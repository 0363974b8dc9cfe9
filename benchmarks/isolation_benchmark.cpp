// What a worker process adds to a run: 2.4 MB of input for a model of about 8 ms, in this process and in a worker in
// turn, so that a machine that changes its speed does so for both. The counters are medians: both times, what the
// worker adds, and that in percent of the run in this process.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "runtime/isolation/isolated_session.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kValues = 600'000;  // 2.4 MB
constexpr double kModelMs = 8;
constexpr std::size_t kTrialSteps = 8;
constexpr int kRounds = 200;

const std::vector<NamedTensor>& inputs() {
  static const std::vector<NamedTensor> tensors{{"x", Tensor::of<float>({kValues}, std::vector<float>(kValues, 0.5F))}};
  return tensors;
}

double run_ms(const runtime::Session& session, const std::vector<std::string>& outputs) {
  const Clock::time_point start = Clock::now();
  benchmark::DoNotOptimize(session.run(inputs(), outputs, {}));
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

runtime::SessionOptions model_of(std::size_t steps) {
  static const test::TemporaryFolder folder;
  runtime::SessionOptions options;
  options.graph = folder / ("tanh " + std::to_string(steps) + ".onnx");
  test::write_text(options.graph, test::tanh_graph(steps));
  return options;
}

/// A model that takes about kModelMs here.
const runtime::SessionOptions& model() {
  static const runtime::SessionOptions options = [] {
    const auto trial = runtime::open_session(model_of(kTrialSteps));
    std::vector<double> times(21);
    std::generate(times.begin(), times.end(), [&] { return run_ms(*trial, {"mean"}); });
    return model_of(
        std::max<std::size_t>(1, static_cast<std::size_t>(kTrialSteps * kModelMs / *std::ranges::min_element(times))));
  }();
  return options;
}

void worker_beside_this_process(benchmark::State& state, const std::string& output) {
  const auto here = runtime::open_session(model());
  const runtime::IsolatedSession worker(model(), {});
  std::vector<double> here_ms;
  std::vector<double> worker_ms;
  for (auto _ : state) {
    here_ms.push_back(run_ms(*here, {output}));
    worker_ms.push_back(run_ms(worker, {output}));
  }
  const double base = median(here_ms);
  const double added = median(worker_ms) - base;
  state.counters["here_ms"] = base;
  state.counters["worker_ms"] = base + added;
  state.counters["added_ms"] = added;
  state.counters["added_percent"] = 100 * added / base;
}
BENCHMARK_CAPTURE(worker_beside_this_process, output_of_4_bytes, "mean")
    ->Iterations(kRounds)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(worker_beside_this_process, output_of_2_4_MB, "y")
    ->Iterations(kRounds)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// The way there and back, without tensors to speak of.
void worker_round_trip(benchmark::State& state) {
  const runtime::IsolatedSession worker(model_of(1), {});
  const std::vector<NamedTensor> one_value{{"x", Tensor(ElementType::float32, {1})}};
  const std::vector<std::string> output{"y"};
  for (auto _ : state) benchmark::DoNotOptimize(worker.run(one_value, output, {}));
}
BENCHMARK(worker_round_trip)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vivace
