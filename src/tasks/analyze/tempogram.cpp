#include "tasks/analyze/tempogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <limits>

#include "base/vectorised.hpp"
#include "dsp/real_fft.hpp"
#include "dsp/window.hpp"

namespace vivace::analyze {
namespace {

constexpr double kCentreBpm = 120;
constexpr double kFastestBpm = 320;
constexpr double kSlowestBpm = 30;  // of the lags that the confidence looks at
constexpr double kLeastTaper = 1e-3;
constexpr std::size_t kStride = 4;
constexpr std::size_t kLanes = 16;

/// dst = a b; returns the sum of its squares.
VIVACE_VECTORISED float weigh(const float* a, const float* b, float* dst, std::size_t count) {
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float product = a[i + lane] * b[i + lane];
      dst[i + lane] = product;
      sums[lane] += product * product;
    }
  }
  float sum = 0;
  for (; i < count; ++i) {
    dst[i] = a[i] * b[i];
    sum += dst[i] * dst[i];
  }
  for (const float lane : sums) sum += lane;
  return sum;
}

/// sums += scale |bins|^2, of `count` complex bins.
VIVACE_VECTORISED void add_power(const float* bins, float scale, double* sums, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float power = bins[2 * i] * bins[2 * i] + bins[2 * i + 1] * bins[2 * i + 1];
    sums[i] += static_cast<double>(power) * static_cast<double>(scale);
  }
}

/// `envelope` with half a window before and behind it.
std::vector<float> padded(std::span<const float> envelope, std::size_t half) {
  const auto ramp = [half](float edge, std::size_t distance) {
    return edge * (1 - static_cast<float>(distance) / static_cast<float>(half));
  };
  std::vector<float> longer;
  longer.reserve(envelope.size() + 2 * half + 1);
  for (std::size_t i = half; i > 0; --i) longer.push_back(ramp(envelope.front(), i));
  longer.insert(longer.end(), envelope.begin(), envelope.end());
  for (std::size_t i = 1; i <= half; ++i) longer.push_back(ramp(envelope.back(), i));
  return longer;
}

/// Sums power spectra of frames, each divided by the energy of the frame.
class PowerSum {
 public:
  explicit PowerSum(std::size_t window)
      : weights_(dsp::hann_window(window, dsp::WindowEnds::periodic)),
        fft_(std::bit_ceil(2 * window)),
        sums_(fft_.size() / 2 + 1) {}

  void add(std::span<const float> frame) {
    const std::span<float> input = fft_.input();
    const float energy = weigh(frame.data(), weights_.data(), input.data(), weights_.size());
    if (energy < std::numeric_limits<float>::min()) return;
    std::fill(input.begin() + static_cast<std::ptrdiff_t>(weights_.size()), input.end(), 0.0F);
    const auto bins = fft_.forward();
    add_power(reinterpret_cast<const float*>(bins.data()), 1 / energy, sums_.data(), sums_.size());
  }

  /// The sum of the autocorrelations, of lags 0 … window - 1.
  std::vector<float> autocorrelation() {
    const std::span<float> input = fft_.input();
    const std::size_t size = fft_.size();
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      input[i] = input[(size - i) % size] = static_cast<float>(sums_[i] / static_cast<double>(size));
    }
    const auto bins = fft_.forward();
    std::vector<float> lags(weights_.size());
    for (std::size_t lag = 0; lag < lags.size(); ++lag) lags[lag] = bins[lag].real();
    return lags;
  }

 private:
  std::vector<float> weights_;
  dsp::RealFft fft_;
  std::vector<double> sums_;
};

double bpm_of(std::size_t lag, double frame_rate) { return 60 * frame_rate / static_cast<double>(lag); }

/// The autocorrelation of the window at a lag, over that at lag 0.
double taper(std::span<const float> window, std::size_t lag) {
  double product = 0;
  double energy = 0;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const auto weight = static_cast<double>(window[i]);
    energy += weight * weight;
    if (i + lag < window.size()) product += weight * static_cast<double>(window[i + lag]);
  }
  return product / energy;
}

double confidence_of(std::size_t chosen, std::span<const float> tempogram, double frame_rate) {
  const std::vector<float> window = dsp::hann_window(tempogram.size(), dsp::WindowEnds::periodic);
  const auto repetition = [&](std::size_t lag) {
    return std::min(1.0, static_cast<double>(tempogram[lag]) / std::max(taper(window, lag), kLeastTaper));
  };
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t lag = 1; lag < tempogram.size(); ++lag) {
    const double bpm = bpm_of(lag, frame_rate);
    if (bpm >= kFastestBpm || bpm < kSlowestBpm) continue;
    sum += repetition(lag);
    ++count;
  }
  const double mean = count == 0 ? 0 : sum / static_cast<double>(count);
  return mean < 1 ? std::clamp((repetition(chosen) - mean) / (1 - mean), 0.0, 1.0) : 0;
}

}  // namespace

std::vector<float> mean_tempogram(std::span<const float> envelope, std::size_t window) {
  if (envelope.empty() || window < 2) return {};
  const std::vector<float> longer = padded(envelope, window / 2);
  PowerSum sum(window);
  std::size_t count = 0;
  for (std::size_t frame = 0; frame < envelope.size() && frame + window <= longer.size(); frame += kStride) {
    sum.add(std::span<const float>(longer).subspan(frame, window));
    ++count;
  }
  std::vector<float> tempogram = sum.autocorrelation();
  for (float& value : tempogram) value = std::clamp(value / static_cast<float>(count), 0.0F, 1.0F);
  return tempogram;
}

TempoLag best_lag(std::span<const float> tempogram, double frame_rate) {
  TempoLag best;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t lag = 1; lag < tempogram.size(); ++lag) {
    const double bpm = bpm_of(lag, frame_rate);
    if (bpm >= kFastestBpm) continue;
    const double octaves = std::log2(bpm / kCentreBpm);
    const double score = std::log1p(1e6 * static_cast<double>(tempogram[lag])) - 0.5 * octaves * octaves;
    if (score <= highest) continue;
    highest = score;
    best.frames = lag;
  }
  if (best.frames > 0) best.confidence = confidence_of(best.frames, tempogram, frame_rate);
  return best;
}

}  // namespace vivace::analyze
