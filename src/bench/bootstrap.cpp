#include "bench/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace vivace::bench {
namespace {

constexpr std::size_t kResamples = 1000;

/// Draws as many blocks as there are, with repetition.
class BlockDraw {
 public:
  explicit BlockDraw(std::size_t blocks) : weights_(blocks) {}

  BlockWeights next() {
    std::fill(weights_.begin(), weights_.end(), 0U);
    for (std::size_t i = 0; i < weights_.size(); ++i) ++weights_[(generator_() >> 32U) * weights_.size() >> 32U];
    return weights_;
  }

 private:
  std::mt19937_64 generator_;
  std::vector<std::uint32_t> weights_;
};

/// Mean and variance of values one by one (Welford).
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double difference = value - mean_;
    mean_ += difference / count_;
    squares_ += difference * (value - mean_);
  }
  double variance() const { return squares_ / (count_ - 1); }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

/// The spread of what `figure(metric, weights)` gives over many draws of blocks.
template <typename Figure>
std::vector<std::optional<LogError>> resample(std::size_t blocks, const std::vector<Metric>& metrics, Figure&& figure) {
  BlockDraw draw(blocks);
  std::vector<Moments> moments(metrics.size());
  for (std::size_t i = 0; i < kResamples; ++i) {
    const BlockWeights weights = draw.next();
    for (std::size_t m = 0; m < metrics.size(); ++m) moments[m].add(std::log(figure(metrics[m], weights)));
  }
  const auto count = static_cast<double>(blocks);
  std::vector<std::optional<LogError>> errors;
  for (const Moments& logarithms : moments) {
    const double variance = logarithms.variance() * count / (count - 1);
    errors.push_back(std::isfinite(variance) ? std::optional(LogError{std::sqrt(variance), count - 1}) : std::nullopt);
  }
  return errors;
}

}  // namespace

std::vector<std::optional<LogError>> log_errors(const BlockedRun& run, const std::vector<Metric>& metrics) {
  return resample(run.blocks, metrics,
                  [&](const Metric& metric, BlockWeights weights) { return run.statistic(metric, weights); });
}

std::vector<std::optional<LogError>> paired_log_errors(const BlockedRun& base, const BlockedRun& other,
                                                       const std::vector<Metric>& metrics) {
  return resample(base.blocks, metrics, [&](const Metric& metric, BlockWeights weights) {
    return other.statistic(metric, weights) / base.statistic(metric, weights);
  });
}

LogError error_of_ratio(const LogError& base, const LogError& other) {
  const double a = base.standard_error * base.standard_error;
  const double b = other.standard_error * other.standard_error;
  if (a + b == 0) return {0, base.degrees + other.degrees};
  return {std::sqrt(a + b), (a + b) * (a + b) / (a * a / base.degrees + b * b / other.degrees)};
}

}  // namespace vivace::bench
