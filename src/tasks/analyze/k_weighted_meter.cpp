#include "tasks/analyze/k_weighted_meter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/vectorised.hpp"

namespace vivace::analyze {
namespace {

constexpr double kSurround = 1.41;
// Filters that ring out in silence stop here, before their values become denormal, which is slow.
constexpr double kRungOut = 1e-100;

using TwoDoubles = double __attribute__((vector_size(2 * sizeof(double))));

/// The filters of two channels in direct form II.
struct Filters {
  TwoDoubles shelf_1, shelf_2;          // the values one and two samples ago
  TwoDoubles high_pass_1, high_pass_2;  // the values one and two samples ago
  TwoDoubles squares;                   // the sum of squares of what left
};

VIVACE_VECTORISED void filter(const dsp::KWeighting& weighting, const float* first, const float* second,
                              std::size_t count, std::array<double, 10>& state) {
  const dsp::Biquad shelf = weighting.shelf;
  const dsp::Biquad high_pass = weighting.high_pass;
  auto f = std::bit_cast<Filters>(state);
  for (std::size_t i = 0; i < count; ++i) {
    const TwoDoubles input{first[i], second[i]};
    const TwoDoubles u = (input - shelf.a2 * f.shelf_2) - shelf.a1 * f.shelf_1;
    const TwoDoubles shelved = (shelf.b2 * f.shelf_2 + shelf.b1 * f.shelf_1) + shelf.b0 * u;
    f.shelf_2 = f.shelf_1;
    f.shelf_1 = u;
    const TwoDoubles v = (shelved - high_pass.a2 * f.high_pass_2) - high_pass.a1 * f.high_pass_1;
    const TwoDoubles output = (f.high_pass_2 - 2.0 * f.high_pass_1) + v;
    f.high_pass_2 = f.high_pass_1;
    f.high_pass_1 = v;
    f.squares += output * output;
  }
  state = std::bit_cast<std::array<double, 10>>(f);
}

}  // namespace

std::vector<double> channel_weights(std::size_t channels) {
  switch (channels) {
    case 4: return {1, 1, kSurround, kSurround};
    case 5: return {1, 1, 1, kSurround, kSurround};
    case 6: return {1, 1, 1, 0, kSurround, kSurround};
    case 7: return {1, 1, 1, 0, 1, kSurround, kSurround};
    case 8: return {1, 1, 1, 0, 1, 1, kSurround, kSurround};
    default: return std::vector<double>(channels, 1.0);
  }
}

KWeightedMeter::KWeightedMeter(int sample_rate, const std::vector<double>& weights)
    : filters_(dsp::k_weighting(sample_rate)), sub_block_(static_cast<std::size_t>((sample_rate + 5) / 10)) {
  for (std::size_t channel = 0; channel < weights.size(); ++channel) {
    if (weights[channel] == 0) continue;
    if (pairs_.empty() || pairs_.back().weights[1] != 0) {
      pairs_.push_back({{channel, channel}, {weights[channel], 0}, {}});
    } else {
      pairs_.back().channels[1] = channel;
      pairs_.back().weights[1] = weights[channel];
    }
  }
}

void KWeightedMeter::push(const media::AudioBlock& block) {
  for (std::size_t begin = 0; begin < block.frames;) {
    const std::size_t count = std::min(sub_block_ - filled_, block.frames - begin);
    measure(block, begin, count);
    begin += count;
    filled_ += count;
    if (filled_ < sub_block_) continue;
    energies_.push_back(energy_ / static_cast<double>(sub_block_));
    energy_ = 0;
    filled_ = 0;
  }
}

void KWeightedMeter::measure(const media::AudioBlock& block, std::size_t begin, std::size_t count) {
  for (Pair& pair : pairs_) {
    const float* first = block.channel(pair.channels[0]).data() + begin;
    const float* second = block.channel(pair.channels[1]).data() + begin;
    pair.state[8] = pair.state[9] = 0;
    filter(filters_, first, second, count, pair.state);
    energy_ += pair.weights[0] * pair.state[8] + pair.weights[1] * pair.state[9];
    for (double& value : pair.state) {
      if (std::abs(value) < kRungOut) value = 0;
    }
  }
}

}  // namespace vivace::analyze
