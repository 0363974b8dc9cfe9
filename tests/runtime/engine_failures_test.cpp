#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "support/allocations.hpp"
#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/isolated_model.hpp"
#include "vivace/engine.hpp"

namespace vivace {
namespace {

using namespace std::chrono_literals;
using test::filled;

/// What goes wrong around the model: its worker processes allocate in a process of their own.
class EngineFailures : public ::testing::Test {
 protected:
  EngineFailures() {
    options_.model = graph_.path();
    options_.isolation.mode = Isolation::process;
  }

  const test::GraphFile graph_{test::float_identity()};
  EngineOptions options_;
};

/// Lets `action` with inputs meet a failing allocation at one place after the other, until it needs no more of them.
/// Whatever it throws must be an Error that says so.
template <typename Action>
void with_every_allocation_failing(Action&& action) {
  if (!test::AllocationWatch::works()) GTEST_SKIP() << "a sanitizer brings its own operator new";
  bool failed = true;
  std::size_t failures = 0;
  for (std::size_t before = 0; failed; ++before) {
    std::optional<Error> error;
    Engine::Inputs inputs = filled(10, 1);
    {
      const test::FailingAllocation failing(before);
      try {
        action(std::move(inputs));
      } catch (const Error& thrown) {
        error = thrown;
      }
      failed = failing.has_failed();
    }
    if (!error) continue;
    ++failures;
    ASSERT_EQ(error->code(), ErrorCode::resource_exhausted) << before << ": " << error->what();
  }
  EXPECT_GT(failures, 0U);
}

/// By the most rows that share a run.
class EngineFailuresOfMemory : public EngineFailures, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(EngineFailuresOfMemory, FailARequestAndLoseNone) {
  options_.max_batch = GetParam();
  options_.isolation.crash_limit = 1000;
  options_.isolation.restart_delay = 0ms;
  options_.isolation.longest_restart_delay = 0ms;
  Engine engine(options_);
  with_every_allocation_failing([&](const Engine::Inputs& inputs) { engine.predict(inputs); });
  with_every_allocation_failing([&](Engine::Inputs inputs) { engine.submit(std::move(inputs)).get(); });
  EXPECT_EQ(engine.predict(filled(10, 1)).outputs.front().tensor.size(), 10U);
}
INSTANTIATE_TEST_SUITE_P(MaxBatch, EngineFailuresOfMemory, ::testing::Values(1, 64));

TEST_F(EngineFailures, OfMemoryLoseNoRequestThatIsDropped) {
  options_.max_batch = 1000;
  options_.max_delay = 1h;
  options_.queue_capacity = 1;
  options_.when_full = WhenFull::drop_oldest;
  auto engine = std::make_unique<Engine>(options_);
  std::size_t answers = 0;
  std::size_t requests = 0;
  const auto count = [&answers](const Prediction&, const std::optional<Error>&) { ++answers; };
  with_every_allocation_failing([&](Engine::Inputs inputs) {
    engine->submit(std::move(inputs), {}, count);
    ++requests;
  });
  engine.reset();
  EXPECT_EQ(answers, requests);
}

TEST_F(EngineFailures, OfACallbackEndNothing) {
  Engine engine(options_);
  const auto fail = [](const Prediction&, const std::optional<Error>&) { throw std::runtime_error("a callback"); };
  for (int i = 0; i < 3; ++i) engine.submit(filled(10, 1), {}, fail);
  EXPECT_EQ(engine.submit(filled(10, 1)).get().outputs.front().tensor.size(), 10U);
}

TEST_F(EngineFailures, OfTheWorkingFolderAreSaid) {
  const std::filesystem::path before = std::filesystem::current_path();
  {
    const test::TemporaryFolder folder;
    std::filesystem::current_path(folder.path());
  }
  test::expect_contains(test::expect_error(ErrorCode::not_found, [&] { const Engine engine(options_); }),
                        "working folder");
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace vivace
