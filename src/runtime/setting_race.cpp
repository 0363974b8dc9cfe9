#include "runtime/setting_race.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace vivace::runtime {
namespace {

constexpr double kFarBehind = 0.5;
constexpr double kAsGood = 0.99;
// How much of the best's speed a setting needs to stay in after 1, 2, … turns.
constexpr std::array<double, 9> kStaysIn = {kFarBehind, 0.85, 0.88, 0.92, 0.92, 0.92, 0.92, 0.92, 0.95};
constexpr std::size_t kMostTurns = 40;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// A setting with all that was measured of it.
struct Runner {
  TuneTrial trial{};
  std::vector<double> rows_per_s{};
  std::vector<double> latency_s{};
  bool in = true;
};

/// Whether two settings differ in the batch alone.
bool are_siblings(TunedSetting a, const TunedSetting& b) {
  a.batch = b.batch;
  return a == b;
}

class Race {
 public:
  Race(const std::vector<TunedSetting>& settings, const RaceOptions& options) : options_(options) {
    for (const TunedSetting& setting : settings) runners_.push_back({.trial = {.setting = setting}});
  }

  std::vector<TuneTrial> run() {
    for (std::size_t turn = 0; turn < kMostTurns && in_the_race() > (turn == 0 ? 0 : 1); ++turn) {
      for (Runner& runner : runners_) {
        if (!runner.in || options_.used() >= 1) continue;
        if (turn == 0 && !options_.exhaustive && is_hopeless(runner)) continue;
        take_turn(runner);
      }
      if (!options_.exhaustive) choose_who_stays_in(kStaysIn[std::min(turn, kStaysIn.size() - 1)]);
    }
    mark_unreached();
    return ranked();
  }

 private:
  /// The higher, the better.
  double score(const Runner& runner) const {
    if (runner.trial.turns == 0) return 0;
    return options_.goal == TuneGoal::throughput ? runner.trial.rows_per_s : 1 / runner.trial.latency_s;
  }

  double best_score() const {
    double best = 0;
    for (const Runner& runner : runners_) best = std::max(best, score(runner));
    return best;
  }

  std::size_t in_the_race() const {
    return static_cast<std::size_t>(
        std::count_if(runners_.begin(), runners_.end(), [](const Runner& r) { return r.in; }));
  }

  bool is_hopeless(Runner& runner) const {
    const double bar = kFarBehind * best_score();
    for (const Runner& other : runners_) {
      if (other.trial.turns == 0 || score(other) >= bar) continue;
      if (!are_siblings(other.trial.setting, runner.trial.setting)) continue;
      runner.in = false;
      runner.trial.problem = fmt::format("not measured: with batch {} it has less than half of the best's speed",
                                         other.trial.setting.batch);
      return true;
    }
    return false;
  }

  void take_turn(Runner& runner) {
    try {
      const Turn turn = options_.measure(runner.trial.setting);
      runner.rows_per_s.push_back(turn.rows_per_s);
      runner.latency_s.push_back(turn.latency_s);
      runner.trial.rows_per_s = median(runner.rows_per_s);
      runner.trial.latency_s = median(runner.latency_s);
      ++runner.trial.turns;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) throw;
      runner.in = false;
      runner.trial.problem = error.what();
    }
    if (options_.observe) options_.observe(std::min(options_.used(), 1.0));
  }

  /// Those that had dropped out come back where the best has fallen behind what it seemed to be.
  void choose_who_stays_in(double share) {
    const double bar = share * best_score();
    for (Runner& runner : runners_) {
      runner.in = runner.trial.problem.empty() && (runner.trial.turns == 0 || score(runner) >= bar);
    }
  }

  void mark_unreached() {
    for (Runner& runner : runners_) {
      if (runner.trial.turns > 0 || !runner.trial.problem.empty()) continue;
      runner.in = false;
      runner.trial.unreached = true;
      runner.trial.problem = "not measured: the budget was used up";
    }
  }

  /// Those that stayed in come first: few turns of one that dropped out may have been lucky ones.
  std::vector<TuneTrial> ranked() {
    const auto rank = [this](const Runner& runner) { return std::pair(runner.in, score(runner)); };
    std::stable_sort(runners_.begin(), runners_.end(),
                     [&](const Runner& a, const Runner& b) { return rank(a) > rank(b); });
    const double bar = kAsGood * score(runners_.front());
    const auto as_good =
        std::find_if(runners_.begin(), runners_.end(), [&](const Runner& r) { return !r.in || score(r) < bar; });
    const auto cost = [](const TunedSetting& s) { return std::tuple(s.batch, s.intra_op * s.workers, s.intra_op); };
    const auto best = std::min_element(runners_.begin(), as_good, [&](const Runner& a, const Runner& b) {
      return cost(a.trial.setting) < cost(b.trial.setting);
    });
    if (best != as_good) std::rotate(runners_.begin(), best, best + 1);
    std::vector<TuneTrial> trials;
    trials.reserve(runners_.size());
    for (Runner& runner : runners_) trials.push_back(std::move(runner.trial));
    return trials;
  }

  const RaceOptions& options_;
  std::vector<Runner> runners_;
};

}  // namespace

std::vector<TuneTrial> race(const std::vector<TunedSetting>& settings, const RaceOptions& options) {
  return Race(settings, options).run();
}

}  // namespace vivace::runtime
