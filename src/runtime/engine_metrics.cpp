#include "runtime/engine_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string>

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

std::string escaped(std::string_view label) {
  std::string text;
  for (const char c : label) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? ' ' : c;
  }
  return text;
}

void append_summary(std::string& text, std::string_view name, std::string_view help, std::string_view labels,
                    const Distribution& seconds) {
  text += fmt::format("# HELP vivace_engine_{0} {1}\n# TYPE vivace_engine_{0} summary\n", name, help);
  const std::pair<const char*, double> quantiles[] = {{"0.5", seconds.p50},
                                                      {"0.9", seconds.p90},
                                                      {"0.95", seconds.p95},
                                                      {"0.99", seconds.p99},
                                                      {"0.999", seconds.p999}};
  for (const auto& [share, value] : quantiles) {
    text += fmt::format("vivace_engine_{}{{{},quantile=\"{}\"}} {}\n", name, labels, share, value);
  }
  text += fmt::format("vivace_engine_{0}_sum{{{1}}} {2}\nvivace_engine_{0}_count{{{1}}} {3}\n", name, labels,
                      seconds.mean * static_cast<double>(seconds.count), seconds.count);
}

void append_value(std::string& text, std::string_view name, std::string_view type, std::string_view help,
                  std::string_view labels, double value) {
  text += fmt::format("# HELP vivace_engine_{0} {2}\n# TYPE vivace_engine_{0} {1}\nvivace_engine_{0}{{{3}}} {4}\n",
                      name, type, help, labels, value);
}

}  // namespace

std::string to_prometheus(const EngineMetrics& metrics, std::string_view model) {
  const std::string labels = fmt::format("model=\"{}\"", escaped(model));
  std::string text;
  append_value(text, "requests_total", "counter", "Requests answered.", labels, static_cast<double>(metrics.requests));
  append_value(text, "rows_total", "counter", "Rows predicted.", labels, static_cast<double>(metrics.rows));
  append_value(text, "waiting", "gauge", "Requests in the queue.", labels, static_cast<double>(metrics.waiting));
  append_value(text, "load_seconds", "gauge", "Loading the model took.", labels, metrics.load_s);
  append_value(text, "first_run_seconds", "gauge", "The first run took.", labels, metrics.first_run_s);
  append_value(text, "rows_per_second", "gauge", "Rows predicted since the model was loaded.", labels,
               metrics.rows_per_s);
  append_value(text, "resident_bytes", "gauge", "Resident memory of the process.", labels,
               static_cast<double>(metrics.resident_bytes));
  append_value(text, "backend_allocations_total", "counter", "Allocations of the backend's arena.", labels,
               static_cast<double>(metrics.backend_allocations));
  append_value(text, "backend_bytes", "gauge", "In use in the backend's arena.", labels,
               static_cast<double>(metrics.backend_bytes));
  append_value(text, "backend_most_bytes", "gauge", "The most that were in use in the backend's arena.", labels,
               static_cast<double>(metrics.backend_most_bytes));
  append_value(text, "worker_processes", "gauge", "Worker processes that are ready or run something.", labels,
               static_cast<double>(metrics.worker_processes));
  append_value(text, "worker_restarts_total", "counter", "Worker processes that were started again.", labels,
               static_cast<double>(metrics.worker_restarts));
  text += "# HELP vivace_engine_failures_total Requests that failed.\n# TYPE vivace_engine_failures_total counter\n";
  for (const auto& [code, count] : metrics.failures) {
    text += fmt::format("vivace_engine_failures_total{{{},code=\"{}\"}} {}\n", labels, code, count);
  }
  text +=
      "# HELP vivace_engine_runs_total Runs by their rows, above 64 by the next power of two.\n# TYPE "
      "vivace_engine_runs_total counter\n";
  for (const auto& [rows, count] : metrics.batches) {
    text += fmt::format("vivace_engine_runs_total{{{},rows=\"{}\"}} {}\n", labels, rows, count);
  }
  append_summary(text, "queue_seconds", "From the coming of a request to its run.", labels, metrics.queue_s);
  append_summary(text, "prepare_seconds", "Joining inputs, a value a request.", labels, metrics.prepare_s);
  append_summary(text, "infer_seconds", "Running the model, a value a request.", labels, metrics.infer_s);
  append_summary(text, "copy_out_seconds", "Splitting outputs, a value a request.", labels, metrics.copy_out_s);
  append_summary(text, "total_seconds", "From the coming of a request to the end of its run.", labels, metrics.total_s);
  return text;
}

}  // namespace vivace
