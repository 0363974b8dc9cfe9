#include "tasks/separate/stereo_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "dsp/magnitude.hpp"
#include "media/audio_block.hpp"
#include "vivace/error.hpp"

namespace vivace::separate {
namespace {

class FileReader : public StereoReader {
 public:
  FileReader(const std::filesystem::path& path, media::ResamplerKind resampler, int sample_rate) : decoder_(path) {
    for (auto& each : resamplers_) each = media::make_resampler(resampler, decoder_.info().sample_rate, sample_rate);
  }

  bool read(StereoBlock& block) override {
    while (!ended_) {
      for (std::vector<float>& channel : block) channel.clear();
      ended_ = !decoder_.read(decoded_);
      for (std::size_t i = 0; i < kStereo; ++i) {
        if (ended_) {
          resamplers_[i]->finish(block[i]);
        } else {
          resamplers_[i]->push(decoded_.channel(std::min(i, decoded_.channels - 1)), block[i]);
        }
      }
      if (!block[0].empty()) return true;
    }
    return false;
  }

  bool truncated() const override { return decoder_.truncated(); }

 private:
  media::Decoder decoder_;
  std::array<std::unique_ptr<media::Resampler>, kStereo> resamplers_;
  media::AudioBlock decoded_;
  bool ended_ = false;
};

class SampleReader : public StereoReader {
 public:
  explicit SampleReader(std::span<const float> samples) : samples_(samples) {}

  bool read(StereoBlock& block) override {
    constexpr std::size_t kFrames = 65536;
    const std::size_t frames = samples_.size() / kStereo;
    const std::size_t count = std::min(kFrames, frames - position_);
    for (std::size_t i = 0; i < kStereo; ++i) {
      const auto part = samples_.subspan(i * frames + position_, count);
      block[i].assign(part.begin(), part.end());
      require_finite(part, i);
    }
    position_ += count;
    return count > 0;
  }

 private:
  void require_finite(std::span<const float> part, std::size_t channel) const {
    const auto bad = std::ranges::find_if(part, [](float value) { return !std::isfinite(value); });
    if (bad == part.end()) return;
    throw Error(ErrorCode::corrupt_data,
                fmt::format("frame {} of channel {} is not a finite number",
                            position_ + static_cast<std::size_t>(bad - part.begin()), channel));
  }

  std::span<const float> samples_;
  std::size_t position_ = 0;
};

}  // namespace

StereoSource file_source(const std::filesystem::path& path, media::ResamplerKind resampler, int sample_rate) {
  return [=] { return std::make_unique<FileReader>(path, resampler, sample_rate); };
}

StereoSource sample_source(std::span<const float> samples) {
  if (samples.size() % kStereo != 0)
    throw Error(ErrorCode::invalid_argument, "samples", "must be as many left as right");
  return [=] { return std::make_unique<SampleReader>(samples); };
}

TrackStatistics read_statistics(StereoReader& reader, const std::function<void()>& checkpoint) {
  TrackStatistics statistics;
  double sum = 0;
  double squares = 0;
  StereoBlock block;
  while (reader.read(block)) {
    if (checkpoint) checkpoint();
    for (std::size_t i = 0; i < block[0].size(); ++i) {
      const double mid = (double{block[0][i]} + block[1][i]) / 2;
      sum += mid;
      squares += mid * mid;
    }
    for (const std::vector<float>& channel : block) {
      statistics.peak = std::max(statistics.peak, dsp::largest_magnitude(channel));
    }
    statistics.frames += static_cast<std::int64_t>(block[0].size());
  }
  const auto frames = static_cast<double>(statistics.frames);
  if (statistics.frames > 0) statistics.mean = sum / frames;
  if (statistics.frames > 1) {
    statistics.deviation =
        std::sqrt(std::max(0.0, squares - frames * statistics.mean * statistics.mean) / (frames - 1));
  }
  return statistics;
}

}  // namespace vivace::separate
