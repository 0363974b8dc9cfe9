#include "dsp/constant_q.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/vectorised.hpp"
#include "vivace/error.hpp"

namespace vivace::dsp {
namespace {

// The decimators are flat up to 0.8 of half of the new rate.
constexpr double kLeastRateToHighest = 2.5;

double quality(std::size_t bins_per_octave) {
  const double square = std::exp2(2.0 / static_cast<double>(bins_per_octave));
  return (square + 1) / (square - 1);
}

double highest_hz(const ConstantQOptions& options) {
  return options.lowest_hz * std::exp2(static_cast<double>(options.octaves));
}

/// sum of cos(angle d) over the 2 half places d = -half + 1/2, …, half - 1/2.
double cosine_sum(double angle, std::size_t half) {
  const double divisor = std::sin(angle / 2);
  const auto places = static_cast<double>(2 * half);
  return std::abs(divisor) < 1e-12 ? places : std::sin(angle / 2 * places) / divisor;
}

/// The transform of a tone under a periodic Hann window of 2 half + 1 weights that add up to 1, relative to the
/// window's middle, at the frequencies 0 … frame / 2 of a frame. `cycles` a sample has the tone.
std::vector<double> window_spectrum(std::size_t frame, std::size_t half, double cycles) {
  const double turn = 2 * std::numbers::pi;
  const auto size = static_cast<double>(2 * half + 1);
  std::vector<double> spectrum(frame / 2 + 1);
  for (std::size_t i = 0; i < spectrum.size(); ++i) {
    const double angle = turn * (static_cast<double>(i) / static_cast<double>(frame) - cycles);
    const double sides = cosine_sum(angle - turn / size, half) + cosine_sum(angle + turn / size, half);
    spectrum[i] = (cosine_sum(angle, half) + sides / 2) / size;
  }
  return spectrum;
}

/// Makes the least values zero whose magnitudes together stay below `share` of the sum of all, as librosa's
/// sparsify_rows does.
void remove_least(std::vector<double>& spectrum, double share) {
  std::vector<double> magnitudes(spectrum.size());
  std::ranges::transform(spectrum, magnitudes.begin(), [](double value) { return std::abs(value); });
  std::ranges::sort(magnitudes);
  double rest = share * std::accumulate(magnitudes.begin(), magnitudes.end(), 0.0);
  auto least = magnitudes.begin();
  while (least != magnitudes.end() && *least < rest) rest -= *least++;
  if (least == magnitudes.end()) return;
  for (double& value : spectrum) {
    if (std::abs(value) < *least) value = 0;
  }
}

std::vector<double> cosines_of_a_turn(std::size_t steps) {
  std::vector<double> cosines(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    cosines[i] = std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(steps));
  }
  return cosines;
}

struct Wave {
  std::size_t cycles;  // a frame
  double amplitude;
};

/// The waves that are not zero, of frequencies 0 … count - 1.
std::vector<Wave> waves_of(std::span<const double> spectrum, std::size_t count) {
  std::vector<Wave> waves;
  for (std::size_t i = 0; i < count; ++i) {
    if (spectrum[i] != 0) waves.push_back({i, spectrum[i]});
  }
  return waves;
}

/// Appends the mean of a frame's waves at `places` places 1/2, 3/2, … from its middle, half a frame. `turn` has 4
/// places steps; `lag` is by how many of them the waves lag behind cosines.
void append_waves(std::span<const Wave> waves, std::span<const double> turn, std::size_t places, std::size_t lag,
                  std::vector<float>& dst) {
  for (std::size_t place = 0; place < places; ++place) {
    double sum = 0;
    for (const auto& [cycles, amplitude] : waves) {
      sum += amplitude * turn[(cycles * (2 * place + 1) + turn.size() - lag) % turn.size()];
    }
    dst.push_back(static_cast<float>(sum / static_cast<double>(2 * places)));
  }
}

void check(const ConstantQOptions& options) {
  if (options.octaves < 1 || options.bins_per_octave < 1 || options.lowest_hz <= 0 ||
      options.sample_rate < kLeastRateToHighest * highest_hz(options)) {
    throw Error(ErrorCode::invalid_argument,
                "a constant-Q transform needs at least one bin, and a rate of 2.5 times its highest frequency");
  }
  if (options.hop == 0 || options.hop % (std::size_t{1} << (options.octaves - 1)) != 0) {
    throw Error(ErrorCode::invalid_argument, "the hop of a constant-Q transform must be divisible by 2^(octaves - 1)");
  }
}

/// Adds and subtracts what lies at equal distances on both sides of half a sample behind `centre`.
VIVACE_VECTORISED void fold(const float* centre, std::size_t reach, float* sums, float* differences) {
  for (std::size_t i = 0; i < reach; ++i) {
    const float before = *(centre - i);
    const float behind = *(centre + 1 + i);
    sums[i] = behind + before;
    differences[i] = behind - before;
  }
}

/// dst = scale sqrt(cosines^2 + sines^2).
VIVACE_VECTORISED void magnitudes_of(const Lanes& cosines, const Lanes& sines, float scale, Lanes& dst) {
  const LaneFloats power = cosines.values * cosines.values + sines.values * sines.values;
  for (std::size_t lane = 0; lane < kLanes; ++lane) dst.values[lane] = std::sqrt(power[lane]);
  dst.values *= scale;
}

}  // namespace

ConstantQ::ConstantQ(const ConstantQOptions& options) : bins_per_octave_(options.bins_per_octave) {
  check(options);
  make_filters(options);
  octaves_.resize(options.octaves);
  for (std::size_t i = 0; i < octaves_.size(); ++i) {
    octaves_[i].hop = options.hop >> i;
    octaves_[i].samples.assign(reach_, 0.0F);
  }
  sums_.resize(kLanes * reach_);
  differences_.resize(kLanes * reach_);
  folded_.resize(reach_);
  cosines_.resize(bins_per_octave_);
  sines_.resize(bins_per_octave_);
  magnitudes_.resize(bins());
}

/// As every octave has its own rate, all have the filters of the highest one. A window's middle lies half a sample
/// behind the centre of the frame, so that filters are sums of cosines, and of sines, from there.
void ConstantQ::make_filters(const ConstantQOptions& options) {
  const double q = quality(bins_per_octave_);
  const double lowest = highest_hz(options) / 2;
  const double rate = options.sample_rate * static_cast<double>(options.oversampling);
  const std::size_t frame = std::bit_ceil(static_cast<std::size_t>(std::ceil(q * rate / lowest)));
  reach_ = frame / options.oversampling / 2;
  const std::vector<double> turn = cosines_of_a_turn(4 * reach_);
  std::vector<float> cosines;
  std::vector<float> sines;
  for (std::size_t bin = 0; bin < bins_per_octave_; ++bin) {
    const double hz = lowest * std::exp2(static_cast<double>(bin) / static_cast<double>(bins_per_octave_));
    const auto half = static_cast<std::size_t>(q * rate / hz / 2);
    std::vector<double> spectrum = window_spectrum(frame, half, hz / rate);
    remove_least(spectrum, options.sparsity);
    const std::vector<Wave> waves = waves_of(spectrum, reach_);
    append_waves(waves, turn, reach_, 0, cosines);
    append_waves(waves, turn, reach_, reach_, sines);
    lengths_.push_back(static_cast<float>(std::sqrt(q * options.sample_rate / hz)));
  }
  filters_.emplace_back(reach_, cosines);
  filters_.emplace_back(reach_, sines);
}

void ConstantQ::feed(std::span<const float> samples) {
  samples_ += samples.size();
  std::span<const float> input = samples;
  std::vector<float> previous;
  for (Octave& octave : octaves_) {
    octave.samples.insert(octave.samples.end(), input.begin(), input.end());
    if (&octave == &octaves_.back()) break;
    decimated_.clear();
    octave.decimator.push(input, decimated_);
    previous.swap(decimated_);
    input = previous;
  }
}

void ConstantQ::end() {
  std::vector<float> rest;
  for (std::size_t i = 0; i + 1 < octaves_.size(); ++i) {
    decimated_.clear();
    octaves_[i].decimator.push(rest, decimated_);
    octaves_[i].decimator.finish(decimated_);
    rest.swap(decimated_);
    std::vector<float>& below = octaves_[i + 1].samples;
    below.insert(below.end(), rest.begin(), rest.end());
  }
}

std::size_t ConstantQ::samples_needed(const Octave& octave) const {
  return std::max(2 * reach_ + (kLanes - 1) * octave.hop + 1, kLanes * octave.hop);
}

bool ConstantQ::is_ready() const {
  return std::ranges::all_of(octaves_,
                             [&](const Octave& octave) { return octave.samples.size() >= samples_needed(octave); });
}

std::span<const Lanes> ConstantQ::next() {
  std::size_t first = bins();
  float scale = 1;
  for (Octave& octave : octaves_) {
    transform(octave);
    first -= bins_per_octave_;
    for (std::size_t bin = 0; bin < bins_per_octave_; ++bin) {
      magnitudes_of(cosines_[bin], sines_[bin], scale * lengths_[bin], magnitudes_[first + bin]);
    }
    scale *= std::numbers::sqrt2_v<float>;  // the windows below are twice as long
  }
  emitted_ += kLanes;
  return magnitudes_;
}

void ConstantQ::transform(Octave& octave) {
  std::vector<float>& samples = octave.samples;
  if (samples.size() < samples_needed(octave)) samples.resize(samples_needed(octave));
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    fold(samples.data() + reach_ + lane * octave.hop, reach_, sums_.data() + lane * reach_,
         differences_.data() + lane * reach_);
  }
  interleave(sums_, folded_);
  filters_[0].apply(folded_, cosines_);
  interleave(differences_, folded_);
  filters_[1].apply(folded_, sines_);
  samples.erase(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(kLanes * octave.hop));
}

}  // namespace vivace::dsp
