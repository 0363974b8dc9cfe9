// What merging requests of many callers gives. Each case does the same work in two ways in turn, so that a machine that
// changes its speed does so for both. The counters are medians: rows a second of both, and the ratio of the engine to
// the other.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "runtime/session.hpp"
#include "support/files.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 8;
constexpr int kRounds = 11;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Rows a second of `work`, which does so many.
double rate(std::size_t rows, const std::function<void()>& work) {
  const Clock::time_point start = Clock::now();
  work();
  return static_cast<double>(rows) / std::chrono::duration<double>(Clock::now() - start).count();
}

void compare(benchmark::State& state, std::size_t rows, const std::function<void()>& engine,
             const std::function<void()>& other, const char* name_of_other) {
  std::vector<double> engine_rates;
  std::vector<double> other_rates;
  std::vector<double> ratios;
  for (auto _ : state) {
    for (int round = 0; round < kRounds; ++round) {
      engine_rates.push_back(rate(rows, engine));
      other_rates.push_back(rate(rows, other));
      ratios.push_back(engine_rates.back() / other_rates.back());
    }
  }
  state.counters["engine"] = median(engine_rates);
  state.counters[name_of_other] = median(other_rates);
  state.counters["ratio"] = median(ratios);
}

/// The seeded EffNet: single patches of 16 callers that the engine merges, against batches of the same size made by
/// hand.
void merged_against_batches_by_hand(benchmark::State& state) {
  const std::filesystem::path graph = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  constexpr std::size_t kRuns = 16;
  const auto patches = [](std::size_t count) {
    return Engine::Inputs{
        {"melspectrogram", Tensor(ElementType::float32, {static_cast<std::int64_t>(count), 128, 96})}};
  };
  const auto session = runtime::open_session({.graph = graph});
  const Engine::Inputs batch = patches(kBatch);
  const std::vector<std::string> outputs{"embeddings"};
  EngineOptions options;
  options.model = graph;
  options.max_batch = kBatch;
  options.max_delay = std::chrono::milliseconds(5);
  Engine engine(options);
  const auto merged = [&] {
    std::vector<std::jthread> callers;
    for (std::size_t caller = 0; caller < 2 * kBatch; ++caller) {
      callers.emplace_back([&] {
        const Engine::Inputs patch = patches(1);
        Prediction prediction;
        for (std::size_t i = 0; i < kRuns / 2; ++i) engine.predict(patch, prediction, {.outputs = outputs});
      });
    }
  };
  const auto by_hand = [&] {
    for (std::size_t i = 0; i < kRuns; ++i) benchmark::DoNotOptimize(session->run(batch, outputs, {}));
  };
  compare(state, kRuns * kBatch, merged, by_hand, "by hand");
}
BENCHMARK(merged_against_batches_by_hand)->Iterations(1)->Unit(benchmark::kMillisecond);

/// Requests of two shapes, in turn (`alternate` 1) or in random order, for layers whose weights do not fit into the
/// cache: groups of equal shapes, against runs that end where the next request has another shape.
void mixed_shapes_against_first_shape_closes(benchmark::State& state) {
  constexpr std::int64_t kWidth = 2048;
  constexpr std::size_t kRequests = 128;
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::layers_graph(kWidth, 3));
  std::mt19937 random(1);
  std::vector<std::int64_t> lengths(kRequests);
  for (std::size_t i = 0; i < kRequests; ++i) {
    lengths[i] = (state.range(0) != 0 ? i : random()) % 2 == 0 ? 1 : 2;
  }
  const auto tensor = [](std::size_t rows, std::int64_t length) {
    return Tensor(ElementType::float32, {static_cast<std::int64_t>(rows), length, kWidth});
  };
  const auto session = runtime::open_session({.graph = folder / "net.onnx"});
  const std::vector<std::string> outputs{"y"};
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.max_batch = kBatch;
  options.max_delay = std::chrono::milliseconds(1);
  Engine engine(options);
  const auto grouped = [&] {
    std::vector<Engine::Inputs> requests;
    for (const std::int64_t length : lengths) requests.push_back({{"x", tensor(1, length)}});
    for (auto& answer : engine.predict_batch(std::move(requests))) benchmark::DoNotOptimize(answer.get());
  };
  const auto closing = [&] {
    for (std::size_t first = 0; first < kRequests;) {
      std::size_t last = first + 1;
      while (last < kRequests && lengths[last] == lengths[first] && last - first < kBatch) ++last;
      const Engine::Inputs inputs = {{"x", tensor(last - first, lengths[first])}};
      benchmark::DoNotOptimize(session->run(inputs, outputs, {}));
      first = last;
    }
  };
  compare(state, kRequests, grouped, closing, "first shape closes");
}
BENCHMARK(mixed_shapes_against_first_shape_closes)
    ->ArgName("alternate")
    ->Arg(1)
    ->Arg(0)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// Inputs of 2.4 MB a row of many callers, for a model that takes about as long as joining them: the engine, against
/// joining, running and splitting in turn.
void large_inputs_against_one_step_after_the_other(benchmark::State& state) {
  constexpr std::int64_t kValues = 600'000;
  constexpr std::int64_t kRows = 4;
  constexpr std::size_t kRuns = 24;
  const test::TemporaryFolder folder;
  constexpr int kFloat = 1;  // TensorProto.DataType
  test::write_text(folder / "net.onnx", test::identity_graph(kFloat, {-1, kValues}, "Sin"));
  const auto session = runtime::open_session({.graph = folder / "net.onnx"});
  const std::vector<std::string> outputs{"y"};
  const Tensor row(ElementType::float32, {1, kValues});
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.max_batch = kRows;
  options.max_delay = std::chrono::milliseconds(5);
  Engine engine(options);
  const auto by_engine = [&] {
    std::vector<std::jthread> callers;
    for (std::int64_t caller = 0; caller < 2 * kRows; ++caller) {
      callers.emplace_back([&] {
        const Engine::Inputs inputs{{"x", row}};
        Prediction prediction;
        for (std::size_t i = 0; i < kRuns / 2; ++i) engine.predict(inputs, prediction);
      });
    }
  };
  Tensor joined(ElementType::float32, {kRows, kValues});
  std::vector<Tensor> answers(kRows, Tensor(ElementType::float32, {1, kValues}));
  const auto in_turn = [&] {
    for (std::size_t i = 0; i < kRuns; ++i) {
      const auto values = joined.mutable_values<float>();
      for (std::int64_t k = 0; k < kRows; ++k) std::ranges::copy(row.values<float>(), values.begin() + k * kValues);
      const Tensor y = session->run(Engine::Inputs{{"x", joined}}, outputs, {}).front();
      for (std::int64_t k = 0; k < kRows; ++k) {
        answers[static_cast<std::size_t>(k)] = Tensor(ElementType::float32, {1, kValues});
        std::ranges::copy(y.rows(static_cast<std::size_t>(k), 1).values<float>(),
                          answers[static_cast<std::size_t>(k)].mutable_values<float>().begin());
      }
    }
  };
  compare(state, kRuns * kRows, by_engine, in_turn, "in turn");
}
BENCHMARK(large_inputs_against_one_step_after_the_other)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vivace
