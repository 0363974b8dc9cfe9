#include "bench/metric.hpp"

#include <algorithm>
#include <utility>

#include "bench/percentile.hpp"
#include "bench/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr std::string_view kServicePrefix = "service.";
constexpr std::pair<std::string_view, Metric::Kind> kOthers[] = {{"rate", Metric::Kind::rate},
                                                                 {"first", Metric::Kind::first},
                                                                 {"load", Metric::Kind::load},
                                                                 {"rss", Metric::Kind::memory}};

[[noreturn]] void refuse(std::string_view name) {
  throw Error(ErrorCode::invalid_argument,
              "'" + std::string(name) +
                  "' is no metric; there are p50, p90, p95, p99, p999 and mean, each also as service.p50 …, and rate, "
                  "first, load, rss");
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

}  // namespace

Metric metric_named(std::string_view name) {
  const bool service = name.starts_with(kServicePrefix);
  const std::string_view figure = service ? name.substr(kServicePrefix.size()) : name;
  const CountedFrom clock = service ? CountedFrom::service : CountedFrom::response;
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    if (figure == kShareNames[i]) return {std::string(name), Metric::Kind::quantile, clock, kShares[i]};
  }
  if (figure == "mean") return {std::string(name), Metric::Kind::mean, clock, 0};
  for (const auto& [known, kind] : kOthers) {
    if (!service && figure == known) return {std::string(name), kind, CountedFrom::response, 0};
  }
  refuse(name);
}

std::vector<Metric> usual_metrics() {
  std::vector<Metric> metrics;
  for (const char* name : {"p50", "p90", "p99", "mean", "service.p50", "service.p90", "service.p99", "service.mean",
                           "rate", "first", "load", "rss"}) {
    metrics.push_back(metric_named(name));
  }
  return metrics;
}

double items_per_second(const Run& run) {
  double items = 0;
  for (const Sample& sample : run.samples) items += sample.failed ? 0 : sample.items;
  return run.duration_s > 0 ? items / run.duration_s : 0;
}

const char* items_name(const Run& run) { return run.audio_s > 0 ? "tracks" : "inferences"; }

std::vector<double> ascending_times(const Run& run, double (Sample::*time)() const) {
  std::vector<double> times;
  times.reserve(run.samples.size());
  for (const Sample& sample : run.samples) {
    if (!sample.failed) times.push_back((sample.*time)());
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::vector<double> ascending_latencies(const Run& run, CountedFrom clock) {
  return ascending_times(run, clock == CountedFrom::service ? &Sample::service_s : &Sample::response_s);
}

double value_of(const Metric& metric, const Run& run) {
  switch (metric.kind) {
    case Metric::Kind::quantile: return nearest_rank(ascending_latencies(run, metric.clock), metric.share);
    case Metric::Kind::mean: return mean_of(ascending_latencies(run, metric.clock));
    case Metric::Kind::rate: return items_per_second(run);
    case Metric::Kind::first: return run.first_s;
    case Metric::Kind::load: return run.load_model_s;
    case Metric::Kind::memory: return static_cast<double>(run.peak_resident_bytes);
  }
  return 0;
}

std::string metric_label(const Metric& metric) {
  const std::string clock = metric.clock == CountedFrom::service ? "service" : "response";
  switch (metric.kind) {
    case Metric::Kind::quantile: return clock + " " + metric.name.substr(metric.name.rfind('p'));
    case Metric::Kind::mean: return clock + " mean";
    case Metric::Kind::rate: return "throughput";
    case Metric::Kind::first: return "first request";
    case Metric::Kind::load: return "model load";
    case Metric::Kind::memory: return "peak memory";
  }
  return metric.name;
}

std::string metric_text(const Metric& metric, double value) {
  switch (metric.kind) {
    case Metric::Kind::rate: return rate_text(value);
    case Metric::Kind::memory: return bytes_text(value);
    default: return duration_text(value);
  }
}

}  // namespace vivace::bench
