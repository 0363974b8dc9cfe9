#include "runtime/setting_race.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

TunedSetting setting(const std::string& backend, std::size_t batch, std::size_t workers = 1) {
  return {backend, "cpu", "fp32", "auto", 1, workers, batch};
}

/// Settings with true speeds that a noisy machine shows.
class NoisyMachine {
 public:
  NoisyMachine(unsigned seed, double noise) : random_(seed), noise_(noise) {
    std::uniform_real_distribution<double> speed(10, 100);
    for (const char* backend : {"a", "b", "c"}) {
      const double base = speed(random_);
      for (const std::size_t batch : {1, 2, 4, 8, 16}) {
        settings_.push_back(setting(backend, batch));
        speeds_.push_back(base * (1 + 0.1 * std::uniform_real_distribution<double>(0, 1)(random_)));
      }
    }
  }

  const std::vector<TunedSetting>& settings() const { return settings_; }
  double speed_of(const TunedSetting& wanted) const {
    const auto found = std::find(settings_.begin(), settings_.end(), wanted);
    return speeds_[static_cast<std::size_t>(found - settings_.begin())];
  }
  double best() const { return *std::max_element(speeds_.begin(), speeds_.end()); }

  /// The machine is always slower than it could be, and drifts.
  Turn measure(const TunedSetting& wanted) {
    drift_ = std::clamp(drift_ + 0.01 * std::normal_distribution<double>()(random_), 0.8, 1.0);
    const double slowed = std::abs(noise_ * std::normal_distribution<double>()(random_));
    const double rows_per_s = speed_of(wanted) * drift_ / (1 + slowed);
    ++turns_;
    return {rows_per_s, static_cast<double>(wanted.batch) / rows_per_s};
  }
  int turns() const { return turns_; }

 private:
  std::mt19937 random_;
  double noise_;
  double drift_ = 1;
  int turns_ = 0;
  std::vector<TunedSetting> settings_;
  std::vector<double> speeds_;
};

TEST(Race, FindsASettingAsGoodAsTheBestOnANoisyMachine) {
  int good = 0;
  constexpr int kMachines = 200;
  for (unsigned seed = 0; seed < kMachines; ++seed) {
    NoisyMachine machine(seed, 0.03);
    const auto trials =
        race(machine.settings(),
             {TuneGoal::throughput, [&](const TunedSetting& s) { return machine.measure(s); }, [] { return 0.0; }});
    if (machine.speed_of(trials.front().setting) >= 0.97 * machine.best()) ++good;
    EXPECT_LT(machine.turns(), 15 * 40) << "no better than all settings in all turns";
  }
  EXPECT_GE(good, 0.95 * kMachines);
}

TEST(Race, GivesNoSettingUpWhereItIsExhaustive) {
  NoisyMachine machine(1, 0.03);
  const auto trials = race(machine.settings(), {.goal = TuneGoal::throughput,
                                                .measure = [&](const TunedSetting& s) { return machine.measure(s); },
                                                .used = [] { return 0.0; },
                                                .exhaustive = true});
  for (const TuneTrial& trial : trials) EXPECT_EQ(trial.turns, 40U) << to_text(trial.setting);
}

/// "b" drops out against settings of "a", which are slower than they seemed at first. Which of them the race takes.
std::string taken_where_the_best_falls(double first_speed_of_b, double later_speed_of_b) {
  std::map<std::string, int> turns;
  const auto measure = [&](const TunedSetting& s) {
    const int turn = ++turns[to_text(s)];
    if (s.backend == "a") return Turn{turn <= 3 ? 100.0 : 82.0, 1.0};
    return Turn{turn == 1 ? first_speed_of_b : later_speed_of_b, 1.0};
  };
  const auto trials =
      race({setting("a", 1), setting("b", 1), setting("a", 2)}, {TuneGoal::throughput, measure, [] { return 0.0; }});
  return trials.front().setting.backend;
}

TEST(Race, TakesWhatDroppedOutWhereItIsFasterInTheEnd) { EXPECT_EQ(taken_where_the_best_falls(84, 84), "b"); }

TEST(Race, DoesNotTakeWhatWasLuckyOnce) { EXPECT_EQ(taken_where_the_best_falls(98, 70), "a"); }

TEST(Race, AmongEqualSettingsTakesTheSmallestBatchAndTheFewestThreads) {
  const std::vector<TunedSetting> settings = {setting("a", 16), setting("a", 4, 2), setting("a", 4), setting("a", 8)};
  const auto measure = [](const TunedSetting& s) { return Turn{s.batch == 16 ? 101.0 : 100.0, 1.0}; };
  const auto trials = race(settings, {TuneGoal::throughput, measure, [] { return 0.0; }});
  EXPECT_EQ(trials.front().setting, setting("a", 4));
  EXPECT_EQ(trials[1].setting, setting("a", 16));
}

TEST(Race, ForLatencyTheShortestRunWins) {
  const auto measure = [](const TunedSetting& s) { return Turn{1, s.workers == 2 ? 0.5 : 1.0}; };
  const auto trials = race({setting("a", 1), setting("a", 1, 2)}, {TuneGoal::latency, measure, [] { return 0.0; }});
  EXPECT_EQ(trials.front().setting.workers, 2U);
  EXPECT_EQ(trials.front().latency_s, 0.5);
}

TEST(Race, WhatCannotRunIsLastWithItsReason) {
  const auto measure = [](const TunedSetting& s) -> Turn {
    if (s.backend == "a") throw Error(ErrorCode::unavailable, "no library");
    return {1, 1};
  };
  const auto trials = race({setting("a", 1), setting("b", 1)}, {TuneGoal::throughput, measure, [] { return 0.0; }});
  EXPECT_EQ(trials.front().setting.backend, "b");
  EXPECT_EQ(trials.back().turns, 0U);
  expect_contains(trials.back().problem, "no library");
}

TEST(Race, HopelessSettingsAreNotMeasuredWithEveryBatch) {
  std::vector<TunedSetting> settings;
  for (const char* backend : {"fast", "slow"}) {
    for (const std::size_t batch : {4, 8, 16}) settings.push_back(setting(backend, batch));
  }
  int slow_turns = 0;
  const auto measure = [&](const TunedSetting& s) {
    if (s.backend == "slow") ++slow_turns;
    return Turn{s.backend == "slow" ? 10.0 : 100.0, 1};
  };
  const auto trials = race(settings, {TuneGoal::throughput, measure, [] { return 0.0; }});
  EXPECT_EQ(slow_turns, 1);
  expect_contains(trials.back().problem, "less than half");
}

TEST(Race, EndsWithItsBudget) {
  int turns = 0;
  const auto trials =
      race({setting("a", 1), setting("a", 2), setting("a", 4)}, {TuneGoal::throughput,
                                                                 [&](const TunedSetting& s) {
                                                                   ++turns;
                                                                   return Turn{static_cast<double>(s.batch), 1};
                                                                 },
                                                                 [&] { return turns / 2.0; }});
  EXPECT_EQ(turns, 2);
  EXPECT_EQ(trials.front().setting.batch, 2U);
  EXPECT_FALSE(trials[1].unreached);
  EXPECT_TRUE(trials.back().unreached);
  expect_contains(trials.back().problem, "budget");
}

TEST(Race, AStopEndsIt) {
  const auto measure = [](const TunedSetting&) -> Turn { throw Error(ErrorCode::cancelled, "stopped"); };
  expect_error(ErrorCode::cancelled, [&] {
    race({setting("a", 1)}, {TuneGoal::throughput, measure, [] { return 0.0; }});
  });
}

}  // namespace
}  // namespace vivace::runtime
