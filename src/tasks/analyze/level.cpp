#include "tasks/analyze/level.hpp"

#include <algorithm>
#include <cmath>

#include "tasks/analyze/decibels.hpp"

namespace vivace::analyze {
namespace {

const std::string kSilence = "silence";

class Level : public Feature {
 public:
  void push(const Block& block) override {
    for (const float sample : block.audio.samples) {
      squares_ += static_cast<double>(sample) * sample;
      peak_ = std::max(peak_, std::abs(sample));
    }
    count_ += block.audio.samples.size();
  }

  Findings finish() override {
    if (peak_ == 0) return {{none(kSilence), none(kSilence)}, {}};
    const double rms = std::sqrt(squares_ / static_cast<double>(count_));
    return {{number(decibels(rms)), number(decibels(peak_ / rms))}, {}};
  }

 private:
  double squares_ = 0;
  std::size_t count_ = 0;
  float peak_ = 0;
};

std::vector<FieldInfo> fields() {
  using records::FieldType;
  return {
      {"level.rms_dbfs", FieldType::number, 0, "dBFS", "", "root mean square of all samples of all channels"},
      {"level.crest_db", FieldType::number, 0, "dB", "0 …", "sample peak over root mean square"},
  };
}

}  // namespace

FeatureInfo level_feature() {
  return {.name = "level",
          .group = "level",
          .description = "how loud the samples are",
          .fields = fields(),
          .make = [](const TrackFormat&, const FeatureOptions&) -> std::unique_ptr<Feature> {
            return std::make_unique<Level>();
          }};
}

}  // namespace vivace::analyze
