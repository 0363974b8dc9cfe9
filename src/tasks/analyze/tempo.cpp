#include "tasks/analyze/tempo.hpp"

#include <algorithm>

#include "tasks/analyze/beat_tracker.hpp"
#include "tasks/analyze/onset_envelope.hpp"
#include "tasks/analyze/tempogram.hpp"

namespace vivace::analyze {
namespace {

constexpr std::size_t kWindowSeconds = 8;

class Tempo : public Feature {
 public:
  explicit Tempo(int sample_rate) : sample_rate_(sample_rate), envelope_(sample_rate) {}

  void push(const Block& block) override { envelope_.push(block.spectra); }

  Findings finish() override {
    const std::vector<float> envelope = envelope_.finish();
    if (std::all_of(envelope.begin(), envelope.end(), [](float strength) { return strength == 0; })) {
      return {std::vector<FieldValue>(4, none("no onsets")), {}};
    }
    const std::size_t window = kWindowSeconds * static_cast<std::size_t>(sample_rate_) / kHop;
    const TempoLag lag = best_lag(mean_tempogram(envelope, window), frame_rate());
    if (lag.frames == 0) return {std::vector<FieldValue>(4, none("the sample rate is too low")), {}};
    const std::vector<float> times = times_of(track_beats(envelope, lag.frames));
    return {{number(60 * frame_rate() / static_cast<double>(lag.frames)),
             number(lag.confidence),
             {times, {}},
             {static_cast<std::int64_t>(times.size()), {}}},
            {}};
  }

 private:
  double frame_rate() const { return sample_rate_ / static_cast<double>(kHop); }

  std::vector<float> times_of(const std::vector<std::size_t>& frames) const {
    std::vector<float> times;
    times.reserve(frames.size());
    for (const std::size_t frame : frames)
      times.push_back(static_cast<float>(static_cast<double>(frame) / frame_rate()));
    return times;
  }

  int sample_rate_;
  OnsetEnvelope envelope_;
};

std::vector<FieldInfo> fields() {
  using records::FieldType;
  return {
      {"tempo.bpm", FieldType::number, 0, "BPM", "7 … 320",
       "beats a minute: librosa's feature.tempo with its defaults, of onset_strength at the analysis rate"},
      {"tempo.confidence", FieldType::number, 0, "", "0 … 1",
       "how clearly onsets repeat: (r - m) / (1 - m), r the autocorrelation at this tempo (librosa's mean tempogram "
       "over "
       "its window's), m its mean over 30 … 320 BPM"},
      {"tempo.beats_s", FieldType::vector, 0, "s", "0 …",
       "where the beats are: librosa's beat_track (Ellis 2007) with its defaults, of the same onset_strength"},
      {"tempo.beat_count", FieldType::integer, 0, "", "0 …", "how many beats there are"},
  };
}

}  // namespace

FeatureInfo tempo_feature() {
  return {.name = "tempo",
          .group = "tempo",
          .description = "beats a minute, and where the beats are",
          .version = 2,
          .uses_spectra = true,
          .fields = fields(),
          .make = [](const TrackFormat& format, const FeatureOptions&) -> std::unique_ptr<Feature> {
            return std::make_unique<Tempo>(format.analysis_rate);
          }};
}

}  // namespace vivace::analyze
