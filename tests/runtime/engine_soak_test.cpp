#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

using namespace std::chrono_literals;
using Clock = RequestOptions::Clock;

/// How long the soak goes on; VIVACE_SOAK_SECONDS says otherwise.
std::chrono::milliseconds soak_time() {
  const char* seconds = std::getenv("VIVACE_SOAK_SECONDS");
  return std::chrono::seconds(seconds != nullptr ? std::atoi(seconds) : 2);
}

/// What became of the requests of all callers.
struct Outcomes {
  std::atomic<std::uint64_t> sent = 0;
  std::atomic<std::uint64_t> answered = 0;
  std::atomic<std::uint64_t> refused = 0;  // by the queue, before they were taken
  std::atomic<std::uint64_t> cancelled = 0;
  std::atomic<std::uint64_t> dropped = 0;
  std::atomic<std::uint64_t> wrong = 0;
};

/// Sends requests of all kinds: rows, widths, priorities, deadlines, stops, and all ways to ask.
class Caller {
 public:
  Caller(Engine& engine, Outcomes& outcomes, unsigned seed) : engine_(engine), outcomes_(outcomes), random_(seed) {}

  void send_one() {
    const auto rows = static_cast<std::int64_t>(1 + pick(5));
    const std::int64_t width = pick(2) == 0 ? 8 : 5;
    const auto value = static_cast<float>(pick(1000));
    const std::vector<float> values(static_cast<std::size_t>(rows * width), value);
    const Engine::Inputs inputs = {{"x", Tensor::of<float>({rows, width}, values)}};
    std::stop_source stop;
    RequestOptions options;
    options.priority = static_cast<int>(pick(3));
    if (pick(4) == 0) options.deadline = Clock::now() + std::chrono::microseconds(pick(2000));
    if (pick(4) == 0) options.stop = stop.get_token();
    if (pick(3) == 0) options.outputs = {"y"};
    ++outcomes_.sent;
    const auto judge = [&outcomes = outcomes_, rows, value](const Prediction& prediction,
                                                            const std::optional<Error>& error) {
      count(outcomes, prediction, error, rows, value);
    };
    try {
      ask(inputs, options, stop, judge);
    } catch (const Error& error) {
      judge({}, error);
    }
  }

 private:
  template <typename Judge>
  void ask(const Engine::Inputs& inputs, const RequestOptions& options, std::stop_source& stop, const Judge& judge) {
    switch (pick(4)) {
      case 0: judge(engine_.predict(inputs, options), std::nullopt); return;
      case 1:
        engine_.predict(inputs, reused_, options);
        judge(reused_, std::nullopt);
        return;
      case 2: {
        auto answer = engine_.submit(inputs, options);
        if (pick(2) == 0) stop.request_stop();
        judge(answer.get(), std::nullopt);
        return;
      }
      default:
        engine_.submit(inputs, options, judge);
        if (pick(2) == 0) stop.request_stop();
    }
  }

  static void count(Outcomes& outcomes, const Prediction& prediction, const std::optional<Error>& error,
                    std::int64_t rows, float value) {
    if (!error) {
      const Tensor& y = prediction.output("y");
      bool right = y.shape() == Shape{rows, 3};
      for (const float mean : y.values<float>()) right = right && std::abs(mean - value) < 1e-2F;
      ++(right ? outcomes.answered : outcomes.wrong);
    } else if (error->code() == ErrorCode::cancelled) {
      ++outcomes.cancelled;
    } else if (error->code() == ErrorCode::resource_exhausted) {
      ++(std::string(error->what()).find("dropped") != std::string::npos ? outcomes.dropped : outcomes.refused);
    } else {
      ++outcomes.wrong;
    }
  }

  std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  Engine& engine_;
  Outcomes& outcomes_;
  std::mt19937 random_;
  Prediction reused_;
};

struct SoakCase {
  WhenFull when_full;
  Isolation isolation = Isolation::none;
};
constexpr int kSoakCases = 4;

class EngineSoak : public ::testing::TestWithParam<SoakCase> {};

TEST_P(EngineSoak, LosesNothingAndAnswersEachWithItsOwn) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, -1}}, {{"y", {-1, 3}}, {"z", {-1, 1}}}));
  Outcomes outcomes;
  {
    EngineOptions options;
    options.model = folder / "net.onnx";
    options.threads.workers = 2;
    options.max_batch = 8;
    options.max_delay = 200us;
    options.window = GetParam().when_full == WhenFull::wait ? BatchWindow::predictive : BatchWindow::fixed;
    options.queue_capacity = 6;
    options.when_full = GetParam().when_full;
    options.isolation.mode = GetParam().isolation;
    options.isolation.processes = 2;
    Engine engine(options);
    {
      const Clock::time_point end = Clock::now() + soak_time() / kSoakCases;
      std::vector<std::jthread> callers;
      for (unsigned seed = 0; seed < 8; ++seed) {
        callers.emplace_back([&, seed] {
          Caller caller(engine, outcomes, seed);
          while (Clock::now() < end) caller.send_one();
        });
      }
    }
  }
  EXPECT_EQ(outcomes.wrong, 0U);
  EXPECT_GT(outcomes.answered, 0U);
  EXPECT_EQ(outcomes.sent, outcomes.answered + outcomes.cancelled + outcomes.refused + outcomes.dropped);
  EXPECT_TRUE(GetParam().when_full == WhenFull::reject || outcomes.refused == 0);
  EXPECT_TRUE(GetParam().when_full == WhenFull::drop_oldest || outcomes.dropped == 0);
}

INSTANTIATE_TEST_SUITE_P(Queues, EngineSoak,
                         ::testing::Values(SoakCase{WhenFull::wait}, SoakCase{WhenFull::reject},
                                           SoakCase{WhenFull::drop_oldest},
                                           SoakCase{WhenFull::wait, Isolation::process}));

}  // namespace
}  // namespace vivace
