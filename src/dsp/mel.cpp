#include "dsp/mel.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/vectorised.hpp"
#include "vivace/error.hpp"

namespace vivace::dsp {
namespace {

constexpr double kSlaneyBreakHz = 1000;
constexpr double kSlaneyBreakMel = 15;
const double kSlaneyLogStep = std::log(6.4) / 27;
constexpr std::size_t kLanes = 8;

double hz_to_mel(double hz, MelScale scale) {
  if (scale == MelScale::htk) return 2595 * std::log10(1 + hz / 700);
  return hz < kSlaneyBreakHz ? 3 * hz / 200 : kSlaneyBreakMel + std::log(hz / kSlaneyBreakHz) / kSlaneyLogStep;
}

double mel_to_hz(double mel, MelScale scale) {
  if (scale == MelScale::htk) return 700 * (std::pow(10, mel / 2595) - 1);
  return mel < kSlaneyBreakMel ? 200 * mel / 3 : kSlaneyBreakHz * std::exp((mel - kSlaneyBreakMel) * kSlaneyLogStep);
}

void check(const MelOptions& options) {
  const bool fits = options.bands > 0 && options.fft_size >= 2 && options.low_hz >= 0 &&
                    options.low_hz < options.high_hz && options.high_hz <= options.sample_rate / 2;
  if (!fits) {
    throw Error(ErrorCode::invalid_argument,
                "a mel bank needs at least one band and 0 <= low < high <= half the sample rate");
  }
}

VIVACE_VECTORISED void weighted_sum(std::span<const Lanes> values, const float* weights, Lanes& dst) {
  LaneFloats sum{};
  for (const auto& [value] : values) sum += *weights++ * value;
  dst.values = sum;
}

/// The weight of the triangle low-centre-high at `hz`, peak 1.
double triangle(double low, double centre, double high, double hz) {
  if (hz < centre) return (hz - low) / (centre - low);
  return (high - hz) / (high - centre);
}

/// `count` bins from `first` on and as many more as fill the lanes, moved down where the spectrum ends before them.
MelBand with_full_lanes(std::size_t first, std::size_t count, std::size_t bins) {
  const std::size_t full = (count + kLanes - 1) / kLanes * kLanes;
  if (full > bins) return {first, 0, count};
  return {std::min(first, bins - full), 0, full};
}

VIVACE_VECTORISED void weigh(std::span<const MelBand> bands, const float* weights, const float* spectrum, float* dst) {
  for (std::size_t band = 0; band < bands.size(); ++band) {
    const float* bins = spectrum + bands[band].first_bin;
    const float* factors = weights + bands[band].first_weight;
    const std::size_t count = bands[band].count;
    std::array<float, kLanes> sums{};
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += factors[i + lane] * bins[i + lane];
    }
    for (std::size_t lane = 0; lane < kLanes / 2; ++lane) sums[lane] += sums[lane + kLanes / 2];
    float sum = (sums[0] + sums[2]) + (sums[1] + sums[3]);
    for (; i < count; ++i) sum += factors[i] * bins[i];
    dst[band] = sum;
  }
}

}  // namespace

std::vector<double> mel_edges(const MelOptions& options) {
  check(options);
  const double low = hz_to_mel(options.low_hz, options.scale);
  const double step = (hz_to_mel(options.high_hz, options.scale) - low) / static_cast<double>(options.bands + 1);
  std::vector<double> edges(options.bands + 2);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    edges[i] = mel_to_hz(low + static_cast<double>(i) * step, options.scale);
  }
  edges.back() = options.high_hz;
  return edges;
}

MelBank::MelBank(const MelOptions& options) : bins_(options.fft_size / 2 + 1) {
  const std::vector<double> edges = mel_edges(options);
  const double bin_hz = options.sample_rate / static_cast<double>(options.fft_size);
  const auto axis = [&](double hz) { return options.slopes == MelSlopes::hz ? hz : hz_to_mel(hz, options.scale); };
  for (std::size_t band = 0; band < options.bands; ++band) {
    const double low = edges[band];
    const double centre = edges[band + 1];
    const double high = edges[band + 2];
    const double norm = options.normalisation == MelNormalisation::unit_area ? (high - low) / 2 : 1;
    const auto first = static_cast<std::size_t>(std::ceil(low / bin_hz));
    const std::size_t last = std::min(static_cast<std::size_t>(std::floor(high / bin_hz)), bins_ - 1);
    MelBand place = with_full_lanes(first, last >= first ? last - first + 1 : 0, bins_);
    place.first_weight = weights_.size();
    bands_.push_back(place);
    for (std::size_t bin = place.first_bin; bin < place.first_bin + place.count; ++bin) {
      const double hz = static_cast<double>(bin) * bin_hz;
      const bool inside = bin >= first && bin <= last;
      weights_.push_back(inside ? static_cast<float>(triangle(axis(low), axis(centre), axis(high), axis(hz)) / norm)
                                : 0.0F);
    }
  }
}

void MelBank::apply(std::span<const float> spectrum, std::span<float> dst) const {
  weigh(bands_, weights_.data(), spectrum.data(), dst.data());
}

void MelBank::apply(std::span<const Lanes> spectra, std::span<Lanes> dst) const {
  for (std::size_t band = 0; band < bands_.size(); ++band) {
    const MelBand& place = bands_[band];
    weighted_sum(spectra.subspan(std::min(place.first_bin, spectra.size()), place.count),
                 weights_.data() + place.first_weight, dst[band]);
  }
}

float MelBank::weight(std::size_t band, std::size_t bin) const {
  const MelBand& place = bands_.at(band);
  if (bin < place.first_bin || bin >= place.first_bin + place.count) return 0;
  return weights_[place.first_weight + bin - place.first_bin];
}

}  // namespace vivace::dsp
