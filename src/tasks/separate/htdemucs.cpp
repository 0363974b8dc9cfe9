#include "tasks/separate/htdemucs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "base/pool.hpp"
#include "dsp/hann_frames.hpp"
#include "tasks/separate/reflection.hpp"

namespace vivace::separate {
namespace {

using Bin = std::complex<float>;

constexpr double kOverlap = 0.25;
constexpr double kSegmentSeconds = 7.8;
constexpr std::int64_t kLongestSegment = std::int64_t{1} << 25;  // frames, 12 minutes
constexpr std::int64_t kMostBins = 32768;
constexpr double kLevelFloor = 1e-8;
constexpr std::size_t kParts = 2;  // real, imaginary
constexpr std::size_t kSpectralChannels = kStereo * kParts;

std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

/// The spectrum of a segment as the network has it: frames of 2 * bins samples every quarter of that, the first one
/// centred half a hop behind the segment's begin, the segment reflected at its ends, divided by the root of the size.
class SegmentSpectrum {
 public:
  SegmentSpectrum(std::size_t segment, std::size_t bins)
      : segment_(segment),
        bins_(bins),
        hop_(bins / 2),
        frames_((segment + hop_ - 1) / hop_),
        transform_(2 * bins),
        scale_(std::sqrt(static_cast<float>(transform_.size()))),
        padded_((frames_ - 1) * hop_ + transform_.size()),
        transposed_(kParts * bins_ * frames_) {}

  std::size_t frames() const { return frames_; }

  /// One channel [segment] to its real and imaginary parts [2, bins, frames].
  void analyse(std::span<const float> samples, std::span<float> parts) {
    reflect(samples, margin(), padded_);
    for (std::size_t frame = 0; frame < frames_; ++frame) {
      const auto spectrum = transform_.forward(std::span(padded_).subspan(frame * hop_, transform_.size()));
      float* row = transposed_.data() + frame * kParts * bins_;
      for (std::size_t k = 0; k < bins_; ++k) row[k] = spectrum[k].real() / scale_;
      for (std::size_t k = 0; k < bins_; ++k) row[bins_ + k] = spectrum[k].imag() / scale_;
    }
    transpose(transposed_, frames_, kParts * bins_, parts);
  }

  /// The way back; adds to `samples`.
  void synthesise(std::span<const float> parts, std::span<float> samples) {
    transpose(parts, kParts * bins_, frames_, transposed_);
    std::ranges::fill(padded_, 0.0F);
    for (std::size_t frame = 0; frame < frames_; ++frame) {
      const float* row = transposed_.data() + frame * kParts * bins_;
      const std::span<Bin> spectrum = transform_.spectrum();
      for (std::size_t k = 0; k < bins_; ++k) spectrum[k] = {row[k], row[bins_ + k]};
      spectrum.front().imag(0);
      spectrum.back() = 0;
      transform_.add_inverse(scale_ / kSquaresOfHann, std::span(padded_).subspan(frame * hop_));
    }
    for (std::size_t i = 0; i < segment_; ++i) samples[i] += padded_[margin() + i];
  }

 private:
  static constexpr float kSquaresOfHann = 1.5F;  // their sum at a hop of a quarter

  std::size_t margin() const { return hop_ * 3 / 2; }

  static void transpose(std::span<const float> src, std::size_t rows, std::size_t columns, std::span<float> dst) {
    constexpr std::size_t kTile = 16;
    for (std::size_t row = 0; row < rows; row += kTile) {
      for (std::size_t column = 0; column < columns; ++column) {
        for (std::size_t i = row; i < std::min(row + kTile, rows); ++i)
          dst[column * rows + i] = src[i * columns + column];
      }
    }
  }

  std::size_t segment_;
  std::size_t bins_;
  std::size_t hop_;
  std::size_t frames_;
  dsp::HannFrames transform_;
  float scale_;
  std::vector<float> padded_;
  std::vector<float> transposed_;  // [frames, 2, bins]
};

class Htdemucs : public Network {
 public:
  Htdemucs(std::vector<BagGraph> bag, const model::Manifest& manifest, const std::vector<std::size_t>& wanted,
           const SeparateOptions& options)
      : bag_(std::move(bag)),
        sample_rate_(manifest.audio->sample_rate),
        stems_(manifest.separation->stems.size()),
        wanted_(wanted) {
    const Graph& first = bag_.front().graph;
    takes_spectrum_ = first.inputs() == 2;
    if (takes_spectrum_) bins_ = spectral_bins(first);
    segment_ = segment_length(first, options);
    stride_ = static_cast<std::size_t>((1 - options.overlap.value_or(kOverlap)) * static_cast<double>(segment_));
    stride_ = std::max<std::size_t>(stride_, 1);
    for (const BagGraph& each : bag_) check(each.graph);
    make_weights();
  }

  const std::string& placement() const override { return bag_.front().graph.placement(); }
  std::size_t signals() const override { return wanted_.size(); }
  double segment_s() const override { return static_cast<double>(segment_) / sample_rate_; }

  /// A short last chunk sees what lies before it, and zeros behind the track, so that it stands in the middle.
  std::optional<Segment> segment(std::size_t index, std::optional<std::int64_t> end) const override {
    const std::int64_t begin = signed_size(index * stride_);
    if (end && begin >= *end) return std::nullopt;
    const std::size_t length = end ? std::min(segment_, static_cast<std::size_t>(*end - begin)) : segment_;
    return Segment{begin - signed_size((segment_ - length) / 2), segment_, begin, length};
  }
  std::size_t history() const override { return segment_ / 2; }

  bool needs_statistics() const override { return true; }
  TrackLevel level(const TrackStatistics& track) const override { return {track.mean, track.deviation + kLevelFloor}; }

  std::span<const float> weights(std::size_t length, std::vector<float>&) const override {
    return std::span(weights_).first(length);
  }

  std::size_t run(const Segment& segment, std::span<const float> input, std::span<float> output) const override {
    std::unique_ptr<Workspace> workspace = workspaces_.take([&] { return std::make_unique<Workspace>(*this); });
    if (takes_spectrum_) analyse(*workspace, input);
    std::ranges::fill(output, 0.0F);
    std::size_t runs = 0;
    for (const BagGraph& each : bag_) {
      const auto adds = [&](std::size_t stem) { return each.weights[stem] > 0; };
      if (std::ranges::none_of(wanted_, adds)) continue;
      run_graph(*workspace, each.graph, input);
      add_stems(*workspace, each, segment, output);
      ++runs;
    }
    workspaces_.give_back(std::move(workspace));
    return runs;
  }

 private:
  struct Workspace {
    explicit Workspace(const Htdemucs& network)
        : waves(network.stems_ * kStereo * network.segment_), one(network.segment_) {
      if (!network.takes_spectrum_) return;
      spectrum.emplace(network.segment_, network.bins_);
      parts.resize(kSpectralChannels * network.bins_ * spectrum->frames());
      spectra.resize(network.stems_ * parts.size());
    }

    std::optional<SegmentSpectrum> spectrum;
    std::vector<float> parts;    // of the mix: left real, left imaginary, right …, [4, bins, frames]
    std::vector<float> spectra;  // of the stems, [stems, 4, bins, frames]
    std::vector<float> waves;    // [stems, 2, segment]
    std::vector<float> one;      // a channel of a stem, [segment]
  };

  static std::size_t spectral_bins(const Graph& graph) {
    const Axes axes = graph.input_axes(4);
    graph.require("spectrum", axes, {1, kSpectralChannels, -1, -1});
    if (axes[2] < 8 || axes[2] > kMostBins || axes[2] % 2 != 0) {
      graph.mismatch(fmt::format("the spectrum's bins must be a fixed even number, 8 to {}", kMostBins));
    }
    return static_cast<std::size_t>(axes[2]);
  }

  std::size_t segment_length(const Graph& graph, const SeparateOptions& options) const {
    const Axes axes = graph.input_axes(3);
    graph.require("waveform", axes, {1, kStereo, -1});
    if (axes[2] > kLongestSegment) graph.mismatch(fmt::format("a segment may have at most {} frames", kLongestSegment));
    if (axes[2] > 0) {
      if (options.segment_s) {
        throw Error(ErrorCode::invalid_argument, "segment",
                    fmt::format("is always {:.2f} s with this graph; leave the option out",
                                static_cast<double>(axes[2]) / sample_rate_));
      }
      return static_cast<std::size_t>(axes[2]);
    }
    return static_cast<std::size_t>(options.segment_s.value_or(kSegmentSeconds) * sample_rate_);
  }

  void check(const Graph& graph) const {
    const std::int64_t stems = signed_size(stems_);
    const std::int64_t segment = signed_size(segment_);
    if (segment_ < 2 * bins_) graph.mismatch("the segment is shorter than a frame of its spectrum");
    graph.require("waveform", graph.input_axes(3), {1, kStereo, segment});
    graph.require("stems", graph.output_axes(4), {1, stems, kStereo, segment});
    if (graph.inputs() != (takes_spectrum_ ? 2U : 1U))
      graph.mismatch("takes other inputs than the first graph of its bag");
    if (!takes_spectrum_) return;
    const std::int64_t bins = signed_size(bins_);
    const std::int64_t frames = signed_size(SegmentSpectrum(segment_, bins_).frames());
    graph.require("spectrum", graph.input_axes(4), {1, kSpectralChannels, bins, frames});
    graph.require("stems' spectra", graph.output_axes(5), {1, stems, kSpectralChannels, bins, frames});
  }

  /// A triangle.
  void make_weights() {
    const std::size_t rise = segment_ / 2;
    const auto largest = static_cast<float>(segment_ - rise);
    for (std::size_t i = 0; i < segment_; ++i) {
      weights_.push_back(static_cast<float>(i < rise ? i + 1 : segment_ - i) / largest);
    }
  }

  void analyse(Workspace& workspace, std::span<const float> input) const {
    const std::size_t size = workspace.parts.size() / kStereo;
    for (std::size_t channel = 0; channel < kStereo; ++channel) {
      workspace.spectrum->analyse(input.subspan(channel * segment_, segment_),
                                  std::span(workspace.parts).subspan(channel * size, size));
    }
  }

  void run_graph(Workspace& workspace, const Graph& graph, std::span<const float> input) const {
    const std::int64_t stems = signed_size(stems_);
    const std::int64_t segment = signed_size(segment_);
    std::vector<Graph::Input> inputs = {{input, {1, kStereo, segment}}};
    std::vector<Graph::Output> outputs = {{workspace.waves, {1, stems, kStereo, segment}}};
    if (takes_spectrum_) {
      const std::int64_t bins = signed_size(bins_);
      const std::int64_t frames = signed_size(workspace.spectrum->frames());
      inputs.push_back({workspace.parts, {1, kSpectralChannels, bins, frames}});
      outputs.push_back({workspace.spectra, {1, stems, kSpectralChannels, bins, frames}});
    }
    graph.run(inputs, outputs);
  }

  /// Adds the graph's share of each stem, the part of the segment that is wanted of it.
  void add_stems(Workspace& workspace, const BagGraph& each, const Segment& segment, std::span<float> output) const {
    const auto skipped = static_cast<std::size_t>(segment.output_begin - segment.input_begin);
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const auto weight = static_cast<float>(each.weights[wanted_[i]]);
      for (std::size_t channel = 0; weight > 0 && channel < kStereo; ++channel) {
        const std::span<const float> wave = channel_of(workspace, wanted_[i], channel);
        float* dst = output.data() + (i * kStereo + channel) * segment.output_length;
        for (std::size_t k = 0; k < segment.output_length; ++k) dst[k] += weight * wave[skipped + k];
      }
    }
  }

  std::span<const float> channel_of(Workspace& workspace, std::size_t stem, std::size_t channel) const {
    const std::size_t row = stem * kStereo + channel;
    const std::span<float> wave = std::span(workspace.waves).subspan(row * segment_, segment_);
    if (!takes_spectrum_) return wave;
    const std::size_t size = workspace.parts.size() / kStereo;
    std::ranges::copy(wave, workspace.one.begin());
    workspace.spectrum->synthesise(std::span(workspace.spectra).subspan(row * size, size), workspace.one);
    return workspace.one;
  }

  std::vector<BagGraph> bag_;  // weights of a stem sum to 1
  int sample_rate_;
  std::size_t stems_;
  std::vector<std::size_t> wanted_;
  bool takes_spectrum_ = false;
  std::size_t bins_ = 0;
  std::size_t segment_ = 0;
  std::size_t stride_ = 0;
  std::vector<float> weights_;  // [segment]
  mutable base::Pool<Workspace> workspaces_;
};

}  // namespace

std::unique_ptr<Network> open_htdemucs(std::vector<BagGraph> bag, const model::Manifest& manifest,
                                       const std::vector<std::size_t>& wanted, const SeparateOptions& options) {
  return std::make_unique<Htdemucs>(std::move(bag), manifest, wanted, options);
}

}  // namespace vivace::separate
