#include "tasks/analyze/analyzer.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include "media/decoder.hpp"
#include "media/downmix.hpp"
#include "media/resampler.hpp"
#include "vivace/error.hpp"

namespace vivace::analyze {
namespace {

using Clock = std::chrono::steady_clock;

// Blocks are joined up to this many frames.
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
  Listener(const FeatureInfo& info, const TrackFormat& format, const FeatureOptions& options) : info_(&info) {
    guarded([&] { feature_ = info.make(format, options); });
  }

  int rate(const TrackFormat& format) const { return info_->rate == 0 ? format.analysis_rate : info_->rate; }
  bool uses_mono() const { return info_->uses_mono; }

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
    } catch (const std::bad_alloc&) {
      failure_ = Error(ErrorCode::resource_exhausted, "needs more memory than there is");
    } catch (const std::exception& exception) {
      failure_ = Error(ErrorCode::internal, exception.what());
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

}  // namespace

class TrackAnalysis::Implementation {
 public:
  Implementation(int sample_rate, std::size_t channels, const AnalyzerOptions& options)
      : format_{sample_rate, channels, options.analysis_rate == 0 ? sample_rate : options.analysis_rate} {
    for (const FeatureInfo* feature : options.features) {
      listeners_.emplace_back(*feature, format_, options.feature);
      uses_spectra_ = uses_spectra_ || feature->uses_spectra;
      if (feature->uses_mono) add_stream(listeners_.back().rate(format_));
    }
    if (uses_spectra_) add_stream(format_.analysis_rate);
    end_.sample_rate = sample_rate;
    end_.channels = channels;
  }

  void push(const media::AudioBlock& block) {
    frames_ += block.frames;
    media::downmix_to_mono(block, mono_);
    resample();
    make_spectra();
    tell(block);
  }

  Analysis finish() {
    finish_streams();
    tell(end_);
    return result();
  }

 private:
  void add_stream(int rate) {
    if (!streams_.contains(rate)) {
      streams_.emplace(rate,
                       MonoStream{media::make_resampler(media::ResamplerKind::soxr_hq, format_.sample_rate, rate), {}});
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

  void tell(const media::AudioBlock& block) {
    for (Listener& listener : listeners_) listener.push({block, mono_of(listener), spectra_});
  }

  std::span<const float> mono_of(const Listener& listener) const {
    if (!listener.uses_mono()) return {};
    return streams_.at(listener.rate(format_)).samples;
  }

  /// Leaves the ends of the streams behind, with no audio beside them.
  void finish_streams() {
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

  Analysis result() {
    Analysis analysis;
    analysis.duration_s = static_cast<double>(frames_) / format_.sample_rate;
    analysis.sample_rate = format_.sample_rate;
    analysis.channels = format_.channels;
    for (Listener& listener : listeners_) {
      analysis.findings.push_back(listener.finish());
      analysis.failures.push_back(listener.failure());
    }
    analysis.times = {{"resample", resample_s_}, {"spectra", spectra_s_}};
    for (const Listener& listener : listeners_) analysis.times.push_back(listener.time());
    return analysis;
  }

  TrackFormat format_;
  std::vector<Listener> listeners_;
  std::map<int, MonoStream> streams_;  // by rate
  bool uses_spectra_ = false;
  SpectraMaker maker_;
  Spectra spectra_;
  std::vector<float> mono_;
  media::AudioBlock end_;  // without audio
  std::uint64_t frames_ = 0;
  double resample_s_ = 0;
  double spectra_s_ = 0;
};

TrackAnalysis::TrackAnalysis(int sample_rate, std::size_t channels, const AnalyzerOptions& options)
    : implementation_(std::make_unique<Implementation>(sample_rate, channels, options)) {}
TrackAnalysis::TrackAnalysis(TrackAnalysis&&) noexcept = default;
TrackAnalysis& TrackAnalysis::operator=(TrackAnalysis&&) noexcept = default;
TrackAnalysis::~TrackAnalysis() = default;

void TrackAnalysis::push(const media::AudioBlock& block) { implementation_->push(block); }

Analysis TrackAnalysis::finish() { return implementation_->finish(); }

namespace {

/// Joins decoded blocks, so that work a block costs little.
class BlockJoiner {
 public:
  explicit BlockJoiner(media::Decoder& decoder) : decoder_(decoder) {}

  /// The next block; nothing at the end of the track.
  const media::AudioBlock* next() {
    const Timer timer(seconds_);
    pieces_.clear();
    std::size_t frames = 0;
    media::AudioBlock piece;
    while (frames < kFramesPerBlock && decoder_.read(piece)) {
      frames += piece.frames;
      if (piece.frames > 0) pieces_.push_back(std::exchange(piece, {}));
    }
    if (frames == 0) return nullptr;
    join(frames);
    return &joined_;
  }

  double seconds() const { return seconds_; }

 private:
  void join(std::size_t frames) {
    joined_.sample_rate = decoder_.info().sample_rate;
    joined_.channels = decoder_.info().channels;
    joined_.position = pieces_.front().position;
    joined_.frames = frames;
    joined_.samples.clear();
    for (std::size_t channel = 0; channel < joined_.channels; ++channel) {
      for (const media::AudioBlock& piece : pieces_) {
        const auto samples = piece.channel(channel);
        joined_.samples.insert(joined_.samples.end(), samples.begin(), samples.end());
      }
    }
  }

  media::Decoder& decoder_;
  std::vector<media::AudioBlock> pieces_;
  media::AudioBlock joined_;
  double seconds_ = 0;
};

Analysis analyze(media::Decoder& decoder, const AnalyzerOptions& options) {
  const media::AudioStreamInfo& info = decoder.info();
  TrackAnalysis track(info.sample_rate, info.channels, options);
  BlockJoiner blocks(decoder);
  while (const media::AudioBlock* block = blocks.next()) {
    if (options.checkpoint) options.checkpoint();
    track.push(*block);
  }
  Analysis analysis = track.finish();
  analysis.container = info.container;
  analysis.codec = info.codec;
  analysis.truncated = decoder.truncated();
  analysis.times.insert(analysis.times.begin(), {"decode", blocks.seconds()});
  return analysis;
}

}  // namespace

Analysis analyze_file(const std::filesystem::path& path, const AnalyzerOptions& options) {
  try {
    media::Decoder decoder(path);
    return analyze(decoder, options);
  } catch (const Error& error) {
    if (error.context().empty()) throw Error(error.code(), path.string(), error.message());
    throw;
  }
}

}  // namespace vivace::analyze
