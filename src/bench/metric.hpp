#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench/result.hpp"

namespace vivace::bench {

/// From where on a request's time is counted.
enum class CountedFrom {
  response,  ///< from when the load meant to send it
  service,   ///< from when it was sent
};

/// One figure of a run.
struct Metric {
  enum class Kind { quantile, mean, rate, first, load, memory };

  std::string name;  ///< "p99", "service.p99", "rate", …
  Kind kind = Kind::mean;
  CountedFrom clock = CountedFrom::response;  ///< of quantiles and means
  double share = 0;                           ///< of a quantile, e.g. 0.99

  bool operator==(const Metric&) const = default;
  /// Whether it is taken from many requests, so that its uncertainty can be told.
  bool has_samples() const { return kind == Kind::quantile || kind == Kind::mean || kind == Kind::rate; }
  bool is_latency() const { return kind == Kind::quantile || kind == Kind::mean; }
  bool more_is_better() const { return kind == Kind::rate; }
};

/// A metric by its name: p50, p90, p95, p99, p999, mean (each also as `service.…`), rate, first, load, rss.
/// Throws Error(invalid_argument) for any other.
Metric metric_named(std::string_view name);

/// What a comparison shows where nothing is asked for.
std::vector<Metric> usual_metrics();

/// The figure of a run: seconds, items a second, or bytes; 0 where the run does not have it.
double value_of(const Metric& metric, const Run& run);

/// Items that were answered a second; 0 for a run without duration.
double items_per_second(const Run& run);

/// What the items of a run are: "inferences", of pipelines "tracks".
const char* items_name(const Run& run);

/// A time of each answered request in ascending order, in seconds.
std::vector<double> ascending_times(const Run& run, double (Sample::*time)() const);
std::vector<double> ascending_latencies(const Run& run, CountedFrom clock);

/// What people call a metric: "response p99", "throughput", "peak memory".
std::string metric_label(const Metric& metric);

/// A figure with its unit, e.g. "1.23 ms", "812.0/s", "64.1 MB".
std::string metric_text(const Metric& metric, double value);

}  // namespace vivace::bench
