#include "bench/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/judgement.hpp"
#include "bench/metric.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr double kSecondsPerHour = 3600;

/// Streams that the run shows to be in time; 0 where it shows none.
double streams_in_time(const Run& run) {
  if (const auto most = run.found.find("most_streams"); most != run.found.end()) return most->second;
  const auto late = run.found.find("late_share");
  return late != run.found.end() && late->second < kLateShare ? static_cast<double>(run.load.streams) : 0;
}

}  // namespace

void require_possible(const CostOptions& options) {
  constexpr double kMostHours = 744;
  if (!(options.hours_per_month > 0 && options.hours_per_month <= kMostHours)) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{} hours a month: must be above 0 and at most 744", options.hours_per_month));
  }
  if (!(options.utilisation > 0 && options.utilisation <= 1)) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("utilisation {}: must be above 0 and at most 1", options.utilisation));
  }
}

bool is_of_offered_rate(const Run& run) {
  return is_open(run.load) && !run.found.contains("peak_rate_hz") && !run.found.contains("most_streams");
}

RunCost cost_of(const Run& run, const Price& price, const CostOptions& options) {
  require_possible(options);
  RunCost cost;
  cost.per_hour = price.per_hour(options.hours_per_month);
  cost.per_month = cost.per_hour * options.hours_per_month;
  const double per_busy_hour = cost.per_hour / options.utilisation;
  const double rate = items_per_second(run);
  cost.items_name = std::string("cost per million ") + items_name(run);
  cost.is_of_offered_rate = is_of_offered_rate(run);
  if (rate > 0) cost.per_million_items = per_busy_hour / (rate * kSecondsPerHour) * 1e6;
  if (run.audio_s > 0 && run.duration_s > 0) {
    cost.per_thousand_audio_hours = per_busy_hour / (run.audio_s / run.duration_s) * 1e3;
  }
  if (streams_in_time(run) > 0) cost.per_thousand_stream_hours = per_busy_hour / streams_in_time(run) * 1e3;
  return cost;
}

std::vector<std::pair<std::string, double>> named_costs(const RunCost& cost) {
  std::vector<std::pair<std::string, double>> named;
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) named.emplace_back(name, *value);
  };
  add(cost.items_name.c_str(), cost.per_million_items);
  add("cost per thousand audio hours", cost.per_thousand_audio_hours);
  add("cost per thousand stream hours", cost.per_thousand_stream_hours);
  return named;
}

BreakEven break_even(const Machines& base, const Machines& other) {
  constexpr int kMostSteps = 1'000'000;
  const double difference = base.per_hour / base.rate - other.per_hour / other.rate;
  const double last = difference == 0 ? 0 : (base.per_hour + other.per_hour) / std::abs(difference);
  BreakEven found;
  double base_machines = 1;
  double other_machines = 1;
  double load = 0;
  for (int step = 0; step < kMostSteps; ++step) {
    const double saving = base_machines * base.per_hour - other_machines * other.per_hour;
    if (saving > 0 && !found.first) found.first = load;
    if (saving < 0) found.always.reset();
    if (saving >= 0 && !found.always) found.always = load;
    if (load > last) break;
    load = std::min(base_machines * base.rate, other_machines * other.rate);
    if (base_machines * base.rate <= load) ++base_machines;
    if (other_machines * other.rate <= load) ++other_machines;
  }
  if (difference <= 0 || !found.first) found.always.reset();
  return found;
}

}  // namespace vivace::bench
