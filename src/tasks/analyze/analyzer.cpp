#include "tasks/analyze/analyzer.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "media/decoder.hpp"
#include "media/downmix.hpp"
#include "media/resampler.hpp"
#include "vivace/error.hpp"

namespace vivace::analyze {
namespace {

using Clock = std::chrono::steady_clock;

// Blocks are joined up to this many frames, so that work a block costs little.
constexpr std::size_t kFramesPerBlock = 16384;

/// Adds the time since construction to a sum of seconds.
class Timer {
 public:
  explicit Timer(double& seconds) : seconds_(seconds), start_(Clock::now()) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { seconds_ += std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  double& seconds_;
  Clock::time_point start_;
};

/// A feature at work on a track.
class Listener {
 public:
  Listener(const FeatureInfo& info, const TrackFormat& format, const FeatureOptions& options)
      : info_(&info), feature_(info.make(format, options)) {}

  int rate(const TrackFormat& format) const { return info_->rate == 0 ? format.analysis_rate : info_->rate; }
  bool uses_spectra() const { return info_->uses_spectra; }

  void push(const Block& block) {
    guarded([&] { feature_->push(block); });
  }

  Findings finish() {
    Findings findings;
    guarded([&] { findings = feature_->finish(); });
    if (failure_) findings = {std::vector<FieldValue>(info_->fields.size(), none(failure_->what())), {}};
    return findings;
  }

  StageTime time() const { return {info_->name, seconds_}; }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  template <typename Action>
  void guarded(Action&& action) {
    if (failure_) return;
    const Timer timer(seconds_);
    try {
      action();
    } catch (const Error& error) {
      failure_ = error;
    }
  }

  const FeatureInfo* info_;
  std::unique_ptr<Feature> feature_;
  std::optional<Error> failure_;
  double seconds_ = 0;
};

/// The mean of the channels at one rate.
struct MonoStream {
  std::unique_ptr<media::Resampler> resampler;
  std::vector<float> samples;
};

class TrackAnalysis {
 public:
  TrackAnalysis(media::Decoder& decoder, const AnalyzerOptions& options)
      : decoder_(decoder), checkpoint_(options.checkpoint) {
    const media::AudioStreamInfo& info = decoder.info();
    format_ = {info.sample_rate, info.channels, options.analysis_rate == 0 ? info.sample_rate : options.analysis_rate};
    for (const FeatureInfo* feature : options.features) {
      listeners_.emplace_back(*feature, format_, options.feature);
      uses_spectra_ = uses_spectra_ || feature->uses_spectra;
      add_stream(listeners_.back().rate(format_));
    }
    if (uses_spectra_) add_stream(format_.analysis_rate);
  }

  Analysis run() {
    std::uint64_t frames = 0;
    while (read_block()) {
      if (checkpoint_) checkpoint_();
      frames += joined_.frames;
      media::downmix_to_mono(joined_, mono_);
      resample();
      make_spectra();
      tell();
    }
    finish_streams();
    tell();
    return result(frames);
  }

 private:
  void add_stream(int rate) {
    if (!streams_.contains(rate)) {
      streams_.emplace(rate,
                       MonoStream{media::make_resampler(media::ResamplerKind::soxr_hq, format_.sample_rate, rate), {}});
    }
  }

  /// Joins decoded blocks; false at the end of the track.
  bool read_block() {
    const Timer timer(decode_s_);
    pieces_.clear();
    std::size_t frames = 0;
    media::AudioBlock piece;
    while (frames < kFramesPerBlock && decoder_.read(piece)) {
      frames += piece.frames;
      if (piece.frames > 0) pieces_.push_back(std::exchange(piece, {}));
    }
    if (frames == 0) return false;
    join(frames);
    return true;
  }

  void join(std::size_t frames) {
    joined_.sample_rate = format_.sample_rate;
    joined_.channels = format_.channels;
    joined_.position = pieces_.front().position;
    joined_.frames = frames;
    joined_.samples.clear();
    for (std::size_t channel = 0; channel < format_.channels; ++channel) {
      for (const media::AudioBlock& piece : pieces_) {
        const auto samples = piece.channel(channel);
        joined_.samples.insert(joined_.samples.end(), samples.begin(), samples.end());
      }
    }
  }

  void resample() {
    const Timer timer(resample_s_);
    for (auto& [rate, stream] : streams_) {
      stream.samples.clear();
      stream.resampler->push(mono_, stream.samples);
    }
  }

  void make_spectra() {
    if (!uses_spectra_) return;
    const Timer timer(spectra_s_);
    maker_.push(streams_.at(format_.analysis_rate).samples, spectra_);
  }

  void tell() {
    for (Listener& listener : listeners_)
      listener.push({joined_, streams_.at(listener.rate(format_)).samples, spectra_});
  }

  /// Leaves the ends of the streams behind, with no audio beside them.
  void finish_streams() {
    joined_.frames = 0;
    joined_.samples.clear();
    {
      const Timer timer(resample_s_);
      for (auto& [rate, stream] : streams_) {
        stream.samples.clear();
        stream.resampler->finish(stream.samples);
      }
    }
    if (!uses_spectra_) return;
    const Timer timer(spectra_s_);
    Spectra last;
    maker_.push(streams_.at(format_.analysis_rate).samples, spectra_);
    maker_.finish(last);
    spectra_.frames += last.frames;
    spectra_.magnitude.insert(spectra_.magnitude.end(), last.magnitude.begin(), last.magnitude.end());
    spectra_.power.insert(spectra_.power.end(), last.power.begin(), last.power.end());
  }

  Analysis result(std::uint64_t frames) {
    Analysis analysis;
    analysis.duration_s = static_cast<double>(frames) / format_.sample_rate;
    analysis.sample_rate = format_.sample_rate;
    analysis.channels = format_.channels;
    analysis.container = decoder_.info().container;
    analysis.codec = decoder_.info().codec;
    analysis.truncated = decoder_.truncated();
    for (Listener& listener : listeners_) {
      analysis.findings.push_back(listener.finish());
      analysis.failures.push_back(listener.failure());
    }
    analysis.times = {{"decode", decode_s_}, {"resample", resample_s_}, {"spectra", spectra_s_}};
    for (const Listener& listener : listeners_) analysis.times.push_back(listener.time());
    return analysis;
  }

  media::Decoder& decoder_;
  const std::function<void()>& checkpoint_;
  TrackFormat format_;
  std::vector<Listener> listeners_;
  std::map<int, MonoStream> streams_;  // by rate
  bool uses_spectra_ = false;
  SpectraMaker maker_;
  Spectra spectra_;
  std::vector<media::AudioBlock> pieces_;
  media::AudioBlock joined_;
  std::vector<float> mono_;
  double decode_s_ = 0;
  double resample_s_ = 0;
  double spectra_s_ = 0;
};

}  // namespace

Analysis analyze_file(const std::filesystem::path& path, const AnalyzerOptions& options) {
  try {
    media::Decoder decoder(path);
    return TrackAnalysis(decoder, options).run();
  } catch (const Error& error) {
    if (error.context().empty()) throw Error(error.code(), path.string(), error.message());
    throw;
  }
}

}  // namespace vivace::analyze
