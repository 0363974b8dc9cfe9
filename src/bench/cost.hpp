#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/price.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

struct CostOptions {
  double hours_per_month = kHoursPerMonth;
  double utilisation = 1;  ///< share of the time in which the machine does this work, 0 < utilisation <= 1
};

/// Throws Error(invalid_argument) for options out of range.
void require_possible(const CostOptions& options);

/// Whether the load set the rate of a run, and no search found the highest.
bool is_of_offered_rate(const Run& run);

/// What the work of a run costs at its measured rate. Figures that a run does not have are absent.
struct RunCost {
  double per_hour = 0;
  double per_month = 0;
  std::string items_name;           ///< "cost per million inferences", of pipelines "cost per million tracks"
  bool is_of_offered_rate = false;  ///< the load set the rate, so that the machine may do more for the same
  std::optional<double> per_million_items;
  std::optional<double> per_thousand_audio_hours;   ///< of pipelines
  std::optional<double> per_thousand_stream_hours;  ///< of the deadline scenario, where streams are in time
};

/// Throws Error(invalid_argument) for options out of range.
RunCost cost_of(const Run& run, const Price& price, const CostOptions& options);

/// The figures of a cost that are there, with their names: "cost per million inferences", …
std::vector<std::pair<std::string, double>> named_costs(const RunCost& cost);

/// A kind of machine: what one costs an hour and how many items it does a second.
struct Machines {
  double per_hour = 0;
  double rate = 0;
};

/// At which loads, in items a second, machines of another kind cost less in total. As many machines as a load needs
/// are paid, whole ones.
struct BreakEven {
  std::optional<double> first;   ///< just above this load, the lowest such; 0: from nothing on
  std::optional<double> always;  ///< never more above this load
};

/// Prices and rates must be above 0.
BreakEven break_even(const Machines& base, const Machines& other);

}  // namespace vivace::bench
