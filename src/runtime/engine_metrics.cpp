#include "runtime/engine_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vivace::runtime {
namespace {

constexpr double kNanoseconds = 1e9;
constexpr std::size_t kMostExactRows = 64;

/// What runs of so many rows are counted under: few values, whatever callers send.
std::size_t counted_rows(std::size_t rows) { return rows <= kMostExactRows ? rows : std::bit_ceil(rows); }

std::uint64_t nanoseconds(double seconds) { return static_cast<std::uint64_t>(std::max(seconds, 0.0) * kNanoseconds); }

Distribution distribution(const base::Histogram& histogram) {
  const base::HistogramCounts counts = histogram.snapshot();
  const auto seconds = [&](double share) { return counts.quantile(share) / kNanoseconds; };
  return {counts.count(), counts.mean() / kNanoseconds, seconds(0.5), seconds(0.9), seconds(0.95), seconds(0.99),
          seconds(0.999)};
}

}  // namespace

void MetricsRecorder::count_prediction(const RequestMetrics& request, double total_s) {
  rows_.fetch_add(request.rows, std::memory_order_relaxed);
  queue_ns_.record(nanoseconds(request.queue_s));
  prepare_ns_.record(nanoseconds(request.prepare_s));
  infer_ns_.record(nanoseconds(request.infer_s));
  copy_out_ns_.record(nanoseconds(request.copy_out_s));
  total_ns_.record(nanoseconds(total_s));
}

void MetricsRecorder::count_run(std::size_t rows, double seconds) {
  const std::scoped_lock lock(mutex_);
  if (batches_.empty()) first_run_s_ = seconds;
  ++batches_[counted_rows(rows)];
}

void MetricsRecorder::count_failure(ErrorCode code) {
  failures_[static_cast<std::size_t>(code)].fetch_add(1, std::memory_order_relaxed);
}

EngineMetrics MetricsRecorder::snapshot() const {
  EngineMetrics metrics;
  metrics.queue_s = distribution(queue_ns_);
  metrics.prepare_s = distribution(prepare_ns_);
  metrics.infer_s = distribution(infer_ns_);
  metrics.copy_out_s = distribution(copy_out_ns_);
  metrics.total_s = distribution(total_ns_);
  metrics.requests = metrics.total_s.count;
  metrics.rows = rows_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < kCodes; ++i) {
    const std::uint64_t count = failures_[i].load(std::memory_order_relaxed);
    if (count == 0) continue;
    metrics.failures[std::string(error_code_name(static_cast<ErrorCode>(i)))] = count;
    metrics.requests += count;
  }
  const std::scoped_lock lock(mutex_);
  metrics.batches = batches_;
  metrics.first_run_s = first_run_s_;
  return metrics;
}

}  // namespace vivace::runtime

namespace vivace {
namespace {

/// A metric with one value an engine.
struct ValueFacts {
  const char* name;
  const char* type;
  const char* help;
  double (*value)(const EngineMetrics& metrics);
};

template <auto member>
double value_of(const EngineMetrics& metrics) {
  return static_cast<double>(metrics.*member);
}

using Metrics = EngineMetrics;

constexpr ValueFacts kValues[] = {
    {"requests_total", "counter", "Requests answered.", value_of<&Metrics::requests>},
    {"rows_total", "counter", "Rows predicted.", value_of<&Metrics::rows>},
    {"waiting", "gauge", "Requests in the queue.", value_of<&Metrics::waiting>},
    {"load_seconds", "gauge", "Loading the model took.", value_of<&Metrics::load_s>},
    {"first_run_seconds", "gauge", "The first run took.", value_of<&Metrics::first_run_s>},
    {"rows_per_second", "gauge", "Rows predicted since the model was loaded.", value_of<&Metrics::rows_per_s>},
    {"resident_bytes", "gauge", "Resident memory of the process.", value_of<&Metrics::resident_bytes>},
    {"backend_allocations_total", "counter", "Allocations of the backend's arena.",
     value_of<&Metrics::backend_allocations>},
    {"backend_bytes", "gauge", "In use in the backend's arena.", value_of<&Metrics::backend_bytes>},
    {"backend_most_bytes", "gauge", "The most that were in use in the backend's arena.",
     value_of<&Metrics::backend_most_bytes>},
    {"worker_processes", "gauge", "Worker processes that are ready or run something.",
     value_of<&Metrics::worker_processes>},
    {"worker_resident_bytes", "gauge", "Resident memory of the worker processes together.",
     value_of<&Metrics::worker_resident_bytes>},
    {"worker_restarts_total", "counter", "Worker processes that were started again.",
     value_of<&Metrics::worker_restarts>},
};

/// A stage, of which there is a distribution.
struct StageFacts {
  const char* name;
  const char* help;
  Distribution Metrics::*seconds;
};

constexpr StageFacts kStages[] = {
    {"queue_seconds", "From the coming of a request to its run.", &Metrics::queue_s},
    {"prepare_seconds", "Joining inputs, a value a request.", &Metrics::prepare_s},
    {"infer_seconds", "Running the model, a value a request.", &Metrics::infer_s},
    {"copy_out_seconds", "Splitting outputs, a value a request.", &Metrics::copy_out_s},
    {"total_seconds", "From the coming of a request to the end of its run.", &Metrics::total_s},
};

std::string escaped(std::string_view label) {
  std::string text;
  for (const char c : label) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? "\\n" : std::string(1, c);
  }
  return text;
}

/// The metrics of some engines, each with its labels in text.
using Labelled = std::vector<std::pair<std::string, const Metrics*>>;

void append_head(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  text += fmt::format("# HELP vivace_engine_{0} {2}\n# TYPE vivace_engine_{0} {1}\n", name, type, help);
}

void append_value(std::string& text, const ValueFacts& facts, const Labelled& engines) {
  append_head(text, facts.name, facts.type, facts.help);
  for (const auto& [labels, metrics] : engines) {
    text += fmt::format("vivace_engine_{}{{{}}} {}\n", facts.name, labels, facts.value(*metrics));
  }
}

/// Counts by what a label of their own says.
template <typename Counts>
void append_counts(std::string& text, std::string_view name, std::string_view help, std::string_view label,
                   const Labelled& engines, Counts Metrics::*counts) {
  append_head(text, name, "counter", help);
  for (const auto& [labels, metrics] : engines) {
    for (const auto& [value, count] : metrics->*counts) {
      text += fmt::format("vivace_engine_{}{{{},{}=\"{}\"}} {}\n", name, labels, label, value, count);
    }
  }
}

void append_summary(std::string& text, const StageFacts& facts, const Labelled& engines) {
  append_head(text, facts.name, "summary", facts.help);
  for (const auto& [labels, metrics] : engines) {
    const Distribution& seconds = metrics->*facts.seconds;
    const std::pair<const char*, double> quantiles[] = {{"0.5", seconds.p50},
                                                        {"0.9", seconds.p90},
                                                        {"0.95", seconds.p95},
                                                        {"0.99", seconds.p99},
                                                        {"0.999", seconds.p999}};
    for (const auto& [share, value] : quantiles) {
      text += fmt::format("vivace_engine_{}{{{},quantile=\"{}\"}} {}\n", facts.name, labels, share, value);
    }
    text += fmt::format("vivace_engine_{0}_sum{{{1}}} {2}\nvivace_engine_{0}_count{{{1}}} {3}\n", facts.name, labels,
                        seconds.mean * static_cast<double>(seconds.count), seconds.count);
  }
}

void require_different_labels(const std::vector<ModelMetrics>& engines) {
  std::set<std::string_view> labels;
  for (const ModelMetrics& engine : engines) {
    if (labels.insert(engine.model).second) continue;
    throw Error(ErrorCode::invalid_argument, fmt::format("model '{}'", engine.model), "is there twice");
  }
}

std::string page_of(const Labelled& engines) {
  std::string text;
  for (const ValueFacts& facts : kValues) append_value(text, facts, engines);
  append_counts(text, "failures_total", "Requests that failed.", "code", engines, &Metrics::failures);
  append_counts(text, "runs_total", "Runs by their rows, above 64 by the next power of two.", "rows", engines,
                &Metrics::batches);
  for (const StageFacts& facts : kStages) append_summary(text, facts, engines);
  return text;
}

std::string label_of(std::string_view model) { return fmt::format("model=\"{}\"", escaped(model)); }

}  // namespace

std::string to_prometheus(const EngineMetrics& metrics, std::string_view model) {
  return page_of({{label_of(model), &metrics}});
}

std::string to_prometheus(const std::vector<ModelMetrics>& engines) {
  require_different_labels(engines);
  Labelled labelled;
  for (const ModelMetrics& engine : engines) labelled.emplace_back(label_of(engine.model), &engine.metrics);
  return page_of(labelled);
}

}  // namespace vivace
