#include "tasks/analyze/band_levels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/vectorised.hpp"
#include "dsp/butterworth.hpp"
#include "tasks/analyze/decibels.hpp"

namespace vivace::analyze {
namespace {

struct Band {
  int low, high;  // Hz
};

constexpr std::array<Band, kBands> kLimits{{{20, 120}, {120, 600}, {600, 2500}, {2500, 22000}}};
constexpr double kHighestOfNyquist = 0.999;  // the highest limit of a band, of half the sample rate
// Filters that ring out in silence stop here, before their values become denormal, which is slow.
constexpr double kRungOut = 1e-100;

using FourDoubles = double __attribute__((vector_size(kBands * sizeof(double))));

// BandLevels::Bank and BandLevels::State with their bands in registers.
struct BankLanes {
  FourDoubles gain;
  std::array<FourDoubles, kBandSections> a1, a2;
};
struct StateLanes {
  std::array<FourDoubles, kBandSections> once, twice;
  FourDoubles squares;
};

}  // namespace

BandLevels::BandLevels(int sample_rate) {
  const double highest = 0.5 * kHighestOfNyquist * sample_rate;
  for (std::size_t band = 0; band < kBands; ++band) {
    const auto [low, high] = kLimits[band];
    if (low >= highest) continue;
    const auto filter = dsp::butterworth_band_pass(kBandSections, low, std::min<double>(high, highest), sample_rate);
    bank_.gain[band] = filter.gain;
    for (std::size_t section = 0; section < kBandSections; ++section) {
      bank_.a1[section][band] = filter.sections[section].a1;
      bank_.a2[section][band] = filter.sections[section].a2;
    }
  }
}

void BandLevels::push(std::span<const float> mono) {
  filter(bank_, mono, state_);
  samples_ += mono.size();
  for (auto* values : {&state_.once, &state_.twice}) {
    for (OfBands& section : *values) {
      for (double& value : section) value = std::abs(value) < kRungOut ? 0 : value;
    }
  }
}

VIVACE_VECTORISED void BandLevels::filter(const Bank& bank, std::span<const float> samples, State& state) {
  const auto b = std::bit_cast<BankLanes>(bank);
  auto f = std::bit_cast<StateLanes>(state);
  for (const float sample : samples) {
    FourDoubles value = b.gain * static_cast<double>(sample);
    for (std::size_t s = 0; s < kBandSections; ++s) {
      const FourDoubles newest = (value - b.a2[s] * f.twice[s]) - b.a1[s] * f.once[s];
      value = newest - f.twice[s];
      f.twice[s] = f.once[s];
      f.once[s] = newest;
    }
    f.squares += value * value;
  }
  state = std::bit_cast<State>(f);
}

std::vector<FieldValue> BandLevels::values() const {
  std::vector<FieldValue> values;
  for (std::size_t band = 0; band < kBands; ++band) {
    if (bank_.gain[band] == 0) {
      values.push_back(none("above half the sample rate"));
    } else if (samples_ == 0) {
      values.push_back(none("no audio"));
    } else if (state_.squares[band] == 0) {
      values.push_back(none("silence"));
    } else {
      values.push_back(number(decibels(std::sqrt(state_.squares[band] / static_cast<double>(samples_)))));
    }
  }
  return values;
}

std::vector<FieldInfo> BandLevels::fields() {
  std::vector<FieldInfo> fields;
  fields.reserve(kBands);
  for (const auto& [low, high] : kLimits) {
    fields.push_back({fmt::format("level.band_{}_{}_dbfs", low, high), records::FieldType::number, 0, "dBFS", "",
                      fmt::format("root mean square of the mean of the channels between {} and {} Hz: Butterworth "
                                  "band-pass of 5th order (scipy's butter and sosfilt), its upper limit at most 0.999 "
                                  "of half the sample rate",
                                  low, high)});
  }
  return fields;
}

}  // namespace vivace::analyze
