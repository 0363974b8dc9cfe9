#include "tasks/analyze/beat_tracker.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/vectorised.hpp"

namespace vivace::analyze {
namespace {

constexpr double kTightness = 100;
constexpr double kFirstShare = 0.01;  // of the largest score, which the first beat must reach

/// Sample standard deviation.
double deviation(std::span<const float> values) {
  if (values.size() < 2) return 0;
  double sum = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

VIVACE_VECTORISED void add_scaled(const float* src, float scale, float* dst, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dst[i] += scale * src[i];
}

/// The envelope over its deviation, smoothed by exp(-(32 k / period)^2 / 2) for |k| <= period; weights below 1e-10 are
/// left out.
std::vector<float> local_scores(std::span<const float> envelope, std::size_t period, double scale) {
  const std::size_t reach = std::min({period, envelope.size() - 1, (7 * period + 31) / 32});
  std::vector<float> scores(envelope.size());
  for (std::size_t k = 0; k <= reach; ++k) {
    const double x = 32 * static_cast<double>(k) / static_cast<double>(period);
    const auto weight = static_cast<float>(std::exp(-0.5 * x * x) / scale);
    add_scaled(envelope.data() + k, weight, scores.data(), envelope.size() - k);
    if (k > 0) add_scaled(envelope.data(), weight, scores.data() + k, envelope.size() - k);
  }
  return scores;
}

/// The best way to each frame.
struct Paths {
  std::vector<double> totals;
  std::vector<std::uint16_t> steps;  // back to the beat before; 0: none
};

struct Step {
  std::size_t frames = 0;
  double score = -std::numeric_limits<double>::infinity();
};

/// Finds the beat before a frame: half a period to two periods back, where the total less a penalty is the largest.
class Predecessors {
 public:
  explicit Predecessors(std::size_t period)
      : first_(static_cast<std::size_t>(std::nearbyint(static_cast<double>(period) / 2))), last_(2 * period) {
    for (std::size_t step = first_; step <= last_; ++step) {
      const double octaves = std::log(static_cast<double>(step) / static_cast<double>(period));
      penalties_.push_back(kTightness * octaves * octaves);
    }
  }

  Step best(const std::vector<double>& totals, std::size_t frame) const {
    Step best;
    for (std::size_t step = std::max<std::size_t>(first_, 1); step <= std::min(last_, frame); ++step) {
      const double score = totals[frame - step] - penalties_[step - first_];
      if (score > best.score) best = {step, score};
    }
    return best;
  }

 private:
  std::size_t first_;
  std::size_t last_;
  std::vector<double> penalties_;
};

Paths best_paths(std::span<const float> scores, std::size_t period) {
  const Predecessors predecessors(period);
  const double threshold = kFirstShare * static_cast<double>(*std::max_element(scores.begin(), scores.end()));
  Paths paths;
  paths.totals.reserve(scores.size());
  paths.steps.reserve(scores.size());
  bool begun = false;
  for (std::size_t frame = 0; frame < scores.size(); ++frame) {
    const auto score = static_cast<double>(scores[frame]);
    const Step step = predecessors.best(paths.totals, frame);
    paths.totals.push_back(step.frames > 0 ? score + step.score : score);
    begun = begun || score >= threshold;
    paths.steps.push_back(begun ? static_cast<std::uint16_t>(step.frames) : 0);
  }
  return paths;
}

bool is_local_maximum(std::span<const double> values, std::size_t at) {
  return at > 0 && values[at] > values[at - 1] && (at + 1 == values.size() || values[at] >= values[at + 1]);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values.size() % 2 == 1 ? *middle : 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

/// The last local maximum of at least half the median of all.
std::size_t last_beat(std::span<const double> totals) {
  std::vector<double> maxima;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    if (is_local_maximum(totals, i)) maxima.push_back(totals[i]);
  }
  if (maxima.empty()) return totals.size() - 1;
  const double threshold = 0.5 * median(std::move(maxima));
  for (std::size_t i = totals.size(); i-- > 0;) {
    if (is_local_maximum(totals, i) && totals[i] >= threshold) return i;
  }
  return totals.size() - 1;
}

std::vector<std::size_t> beats_until(std::size_t last, const Paths& paths) {
  std::vector<std::size_t> beats = {last};
  while (paths.steps[beats.back()] != 0) beats.push_back(beats.back() - paths.steps[beats.back()]);
  std::reverse(beats.begin(), beats.end());
  return beats;
}

/// Half the root mean square of the scores of the beats, smoothed by (0.5, 1, 0.5); librosa's mean is over two values
/// more than there are beats.
double weakest(std::span<const float> scores, const std::vector<std::size_t>& beats) {
  const auto score = [&](std::size_t i) { return i < beats.size() ? static_cast<double>(scores[beats[i]]) : 0.0; };
  double squares = 0;
  for (std::size_t i = 0; i <= beats.size(); ++i) {
    const double smooth = score(i) + 0.5 * (score(i + 1) + (i > 0 ? score(i - 1) : 0.0));
    squares += smooth * smooth;
  }
  return 0.5 * std::sqrt(squares / static_cast<double>(beats.size() + 2));
}

/// Leaves out the beats before the first and behind the last frame that is strong.
std::vector<std::size_t> trimmed(std::span<const float> scores, const std::vector<std::size_t>& beats) {
  const auto is_strong = [threshold = weakest(scores, beats)](float score) {
    return static_cast<double>(score) > threshold;
  };
  const auto first = std::find_if(scores.begin(), scores.end(), is_strong);
  const auto last = std::find_if(scores.rbegin(), scores.rend(), is_strong);
  if (first == scores.end()) return {};
  std::vector<std::size_t> kept;
  for (const std::size_t beat : beats) {
    if (beat >= static_cast<std::size_t>(first - scores.begin()) &&
        beat < static_cast<std::size_t>(scores.rend() - last)) {
      kept.push_back(beat);
    }
  }
  return kept;
}

}  // namespace

std::vector<std::size_t> track_beats(std::span<const float> envelope, std::size_t period) {
  const double scale = deviation(envelope);
  if (scale <= 0) return {};
  const std::vector<float> scores = local_scores(envelope, period, scale);
  const Paths paths = best_paths(scores, period);
  return trimmed(scores, beats_until(last_beat(paths.totals), paths));
}

}  // namespace vivace::analyze
