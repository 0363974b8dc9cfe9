#include "bench/metric.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/percentile.hpp"
#include "bench/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr double kFewestBeyondQuantile = 10;
constexpr std::string_view kServicePrefix = "service.";
constexpr std::pair<std::string_view, double> kQuantiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}};
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
  for (const auto& [known, share] : kQuantiles) {
    if (figure == known) return {std::string(name), Metric::Kind::quantile, clock, share};
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

std::size_t requests_to_reach(double share) {
  return static_cast<std::size_t>(std::ceil(kFewestBeyondQuantile / (1 - share) - 1e-6));
}

double answered_items(const Run& run) {
  double items = 0;
  for (const Sample& sample : run.samples) items += sample.failed ? 0 : sample.items;
  return items;
}

double quantile_of(const std::vector<double>& ascending, double share) {
  return ascending.empty() ? 0 : nearest_rank(ascending, share);
}

bool reaches_quantile(std::size_t requests, double share) {
  return static_cast<double>(requests) * (1 - share) >= kFewestBeyondQuantile * (1 - 1e-9);
}

std::vector<double> ascending_latencies(const Run& run, CountedFrom clock) {
  std::vector<double> latencies;
  latencies.reserve(run.samples.size());
  for (const Sample& sample : run.samples) {
    if (!sample.failed) latencies.push_back(clock == CountedFrom::service ? sample.service_s() : sample.response_s());
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

double value_of(const Metric& metric, const Run& run) {
  switch (metric.kind) {
    case Metric::Kind::quantile: return quantile_of(ascending_latencies(run, metric.clock), metric.share);
    case Metric::Kind::mean: return mean_of(ascending_latencies(run, metric.clock));
    case Metric::Kind::rate: return run.duration_s > 0 ? answered_items(run) / run.duration_s : 0;
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
