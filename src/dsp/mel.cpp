#include "dsp/mel.hpp"

#include <algorithm>
#include <cmath>

#include "base/vectorised.hpp"
#include "vivace/error.hpp"

namespace vivace::dsp {
namespace {

constexpr double kSlaneyBreakHz = 1000;
constexpr double kSlaneyBreakMel = 15;
const double kSlaneyLogStep = std::log(6.4) / 27;

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
    bands_.push_back({first, weights_.size(), last >= first ? last - first + 1 : 0});
    for (std::size_t bin = first; bin <= last; ++bin) {
      const double hz = static_cast<double>(bin) * bin_hz;
      weights_.push_back(static_cast<float>(triangle(axis(low), axis(centre), axis(high), axis(hz)) / norm));
    }
  }
}

void MelBank::apply(std::span<const float> spectrum, std::span<float> dst) const {
  for (std::size_t band = 0; band < bands_.size(); ++band) {
    const float* bins = spectrum.data() + bands_[band].first_bin;
    const float* weights = weights_.data() + bands_[band].first_weight;
    float sum = 0;
    for (std::size_t i = 0; i < bands_[band].count; ++i) sum += weights[i] * bins[i];
    dst[band] = sum;
  }
}

void MelBank::apply(std::span<const Lanes> spectra, std::span<Lanes> dst) const {
  for (std::size_t band = 0; band < bands_.size(); ++band) {
    const Band& place = bands_[band];
    weighted_sum(spectra.subspan(std::min(place.first_bin, spectra.size()), place.count),
                 weights_.data() + place.first_weight, dst[band]);
  }
}

float MelBank::weight(std::size_t band, std::size_t bin) const {
  const Band& place = bands_.at(band);
  if (bin < place.first_bin || bin >= place.first_bin + place.count) return 0;
  return weights_[place.first_weight + bin - place.first_bin];
}

}  // namespace vivace::dsp
