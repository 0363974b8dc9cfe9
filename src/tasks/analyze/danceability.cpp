#include "tasks/analyze/danceability.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/vectorised.hpp"
#include "tasks/analyze/detrended_fluctuation.hpp"

namespace vivace::analyze {
namespace {

constexpr int kRate = 44100;
constexpr std::size_t kSamplesPerLevel = 441;  // 10 ms
constexpr std::size_t kFewestLevels = 35;      // for segments of two lengths
constexpr std::size_t kLanes = 16;

/// The sum of (x - middle)^power, power 1 or 2.
template <bool kSquared>
[[gnu::always_inline]] inline float sum_around(const float* samples, float middle) {
  const auto term = [middle](float sample) {
    const float distance = sample - middle;
    return kSquared ? distance * distance : distance;
  };
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= kSamplesPerLevel; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += term(samples[i + lane]);
  }
  float sum = 0;
  for (; i < kSamplesPerLevel; ++i) sum += term(samples[i]);
  for (const float lane : sums) sum += lane;
  return sum;
}

/// Standard deviation of 10 ms; exactly 0 for equal samples.
VIVACE_VECTORISED float level_of(const float* samples) {
  const float count = kSamplesPerLevel;
  const float middle = samples[0] + sum_around<false>(samples, samples[0]) / count;
  return std::sqrt(sum_around<true>(samples, middle) / count);
}

class Danceability : public Feature {
 public:
  void push(const Block& block) override {
    std::span<const float> rest = block.mono;
    if (!pending_.empty()) {
      const std::size_t taken = std::min(rest.size(), kSamplesPerLevel - pending_.size());
      pending_.insert(pending_.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(taken));
      rest = rest.subspan(taken);
      if (pending_.size() < kSamplesPerLevel) return;
      levels_.push_back(level_of(pending_.data()));
    }
    for (; rest.size() >= kSamplesPerLevel; rest = rest.subspan(kSamplesPerLevel)) {
      levels_.push_back(level_of(rest.data()));
    }
    pending_.assign(rest.begin(), rest.end());
  }

  Findings finish() override { return {{danceability()}, {}}; }

 private:
  FieldValue danceability() const {
    if (levels_.size() < kFewestLevels) return none("shorter than 0.35 s");
    const std::vector<double> exponents = fluctuation_exponents(levels_);
    if (exponents.empty()) return none("silence, or a level that never changes");
    const double sum = std::accumulate(exponents.begin(), exponents.end(), 0.0);
    if (sum <= 0) return none("the level does not fluctuate more over longer times");
    return number(static_cast<double>(exponents.size()) / sum);
  }

  std::vector<float> pending_;  // less than a level
  std::vector<float> levels_;
};

std::vector<FieldInfo> fields() {
  return {{"danceability.dfa", records::FieldType::number, 0, "", "0 …",
           "one over the mean exponent of the level's fluctuation over 0.3 … 8.8 s; usually up to 3, the more the more "
           "danceable: Essentia's Danceability (Streich and Herrera 2005)"}};
}

}  // namespace

FeatureInfo danceability_feature() {
  return {.name = "danceability",
          .group = "danceability",
          .description = "how regularly the level fluctuates",
          .rate = kRate,
          .uses_mono = true,
          .fields = fields(),
          .make = [](const TrackFormat&, const FeatureOptions&) -> std::unique_ptr<Feature> {
            return std::make_unique<Danceability>();
          }};
}

}  // namespace vivace::analyze
