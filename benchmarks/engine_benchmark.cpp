// What vivace::Engine adds to a run of a model that costs nearly nothing: a session alone, the engine for one caller,
// and 16 callers whose requests are merged.

#include <benchmark/benchmark.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/session.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

constexpr std::int64_t kWidth = 64;

/// A graph that gives the mean of each row.
std::filesystem::path model() {
  static const test::TemporaryFolder folder;
  static const std::filesystem::path path = [] {
    test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, kWidth}}, {{"y", {-1, 1}}}));
    return folder / "net.onnx";
  }();
  return path;
}

Engine::Inputs one_row() { return {{"x", Tensor(ElementType::float32, {1, kWidth})}}; }

void session_alone(benchmark::State& state) {
  const auto session = runtime::open_session({.graph = model()});
  const Engine::Inputs inputs = one_row();
  const std::vector<std::string> outputs{"y"};
  for (auto _ : state) benchmark::DoNotOptimize(session->run(inputs, outputs, {}));
}
BENCHMARK(session_alone);

void engine_for_one_caller(benchmark::State& state) {
  EngineOptions options;
  options.model = model();
  Engine engine(options);
  const Engine::Inputs inputs = one_row();
  for (auto _ : state) benchmark::DoNotOptimize(engine.predict(inputs));
}
BENCHMARK(engine_for_one_caller);

void engine_for_merged_callers(benchmark::State& state) {
  static std::unique_ptr<Engine> engine;
  if (state.thread_index() == 0) {
    EngineOptions options;
    options.model = model();
    options.max_batch = 16;
    options.max_delay = std::chrono::microseconds(20);
    engine = std::make_unique<Engine>(options);
  }
  const Engine::Inputs inputs = one_row();
  for (auto _ : state) benchmark::DoNotOptimize(engine->predict(inputs));
  if (state.thread_index() == 0) engine.reset();
}
BENCHMARK(engine_for_merged_callers)->Threads(16)->UseRealTime();

/// Opens the seeded EffNet, with its optimized graph in the cache or without.
void load_model(benchmark::State& state) {
  const test::TemporaryFolder cache;
  const test::ScopedEnvironment environment("XDG_CACHE_HOME", (cache / "cache").string());
  runtime::SessionOptions options;
  options.graph = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  options.placement.cache = state.range(0) != 0;
  runtime::open_session(options);
  std::this_thread::sleep_for(std::chrono::seconds(3));  // what has just been written is not trusted unread
  for (auto _ : state) benchmark::DoNotOptimize(runtime::open_session(options));
}
BENCHMARK(load_model)->ArgName("cache")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vivace
