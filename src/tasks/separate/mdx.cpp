#include "tasks/separate/mdx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <complex>

#include "base/pool.hpp"
#include "dsp/hann_frames.hpp"
#include "dsp/window.hpp"
#include "tasks/separate/reflection.hpp"

namespace vivace::separate {
namespace {

using Bin = std::complex<float>;

constexpr double kOverlap = 0.25;
constexpr float kLoudest = 0.9F;   // what a louder track is scaled to
constexpr std::size_t kParts = 2;  // real, imaginary
constexpr std::size_t kSpectralChannels = kStereo * kParts;

std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

class Mdx : public Network {
 public:
  Mdx(Graph graph, const model::Manifest& manifest, const SeparateOptions& options)
      : graph_(std::move(graph)),
        spectrum_(*manifest.spectrum),
        sample_rate_(manifest.audio->sample_rate),
        denoises_(options.denoise),
        gives_band_(options.band_limited_rest) {
    choose_frames(options);
    const std::int64_t bins = signed_size(spectrum_.bins);
    const std::int64_t frames = signed_size(spectrum_.frames);
    graph_.require("input", graph_.input_axes(4), {1, kSpectralChannels, bins, frames});
    graph_.require("output", graph_.output_axes(4), {1, kSpectralChannels, bins, frames});
    if (chunk() <= spectrum_.fft) graph_.mismatch("a segment must be longer than a frame of its spectrum");
    const double overlap = options.overlap.value_or(kOverlap);
    step_ = std::max<std::size_t>(1, static_cast<std::size_t>((1 - overlap) * static_cast<double>(chunk())));
    is_weighted_ = overlap > 0;
    squares_ = dsp::hann_square_sum(spectrum_.fft, spectrum_.hop, spectrum_.frames);
  }

  const std::string& placement() const override { return graph_.placement(); }
  std::size_t signals() const override { return gives_band_ ? 2 : 1; }
  double segment_s() const override { return static_cast<double>(chunk()) / sample_rate_; }

  /// Chunks lie on the track with `trim` zeros in front and at least so many behind.
  std::optional<Segment> segment(std::size_t index, std::optional<std::int64_t> end) const override {
    const std::int64_t begin = signed_size(index * step_) - signed_size(trim());
    std::size_t length = chunk();
    if (end) {
      const std::int64_t padded_end = *end + padding(*end);
      if (begin >= padded_end) return std::nullopt;
      length = std::min(length, static_cast<std::size_t>(padded_end - begin));
    }
    return Segment{begin, chunk(), begin, length};
  }

  bool needs_statistics() const override { return true; }
  TrackLevel level(const TrackStatistics& track) const override {
    return {0, std::max(1.0, double{track.peak} / kLoudest)};
  }

  std::span<const float> weights(std::size_t length, std::vector<float>& memory) const override {
    memory = is_weighted_ ? dsp::hann_window(length, dsp::WindowEnds::symmetric) : std::vector<float>(length, 1.0F);
    return memory;
  }

  std::size_t run(const Segment& segment, std::span<const float> input, std::span<float> output) const override {
    std::unique_ptr<Workspace> workspace = workspaces_.take([&] { return std::make_unique<Workspace>(*this); });
    analyse(*workspace, input);
    std::ranges::fill(output, 0.0F);
    const std::size_t length = segment.output_length;
    const std::size_t runs = run_graph(*workspace);
    synthesise(*workspace, workspace->result, output.first(kStereo * length));
    if (gives_band_) synthesise(*workspace, workspace->parts, output.subspan(kStereo * length));
    workspaces_.give_back(std::move(workspace));
    return runs;
  }

 private:
  struct Workspace {
    explicit Workspace(const Mdx& network)
        : transform(network.spectrum_.fft),
          padded(network.chunk() + 2 * network.trim()),
          parts(kSpectralChannels * network.spectrum_.bins * network.spectrum_.frames),
          result(parts.size()) {}

    dsp::HannFrames transform;
    std::vector<float> padded;  // a channel of a chunk, reflected at its ends
    std::vector<float> parts;   // of the mix, [4, bins, frames]
    std::vector<float> result;  // of the stem, the same
    std::vector<float> second;  // of the mix upside down, the same
  };

  std::size_t trim() const { return spectrum_.fft / 2; }
  std::size_t chunk() const { return (spectrum_.frames - 1) * spectrum_.hop; }

  /// Zeros behind a track.
  std::int64_t padding(std::int64_t frames) const {
    const std::int64_t usable = signed_size(chunk()) - 2 * signed_size(trim());
    return usable + signed_size(trim()) - frames % usable;
  }

  void choose_frames(const SeparateOptions& options) {
    const std::int64_t fixed = graph_.input_axes(4)[3];
    const std::size_t most = model::most_frames(spectrum_);
    if (fixed > signed_size(most)) graph_.mismatch(fmt::format("a segment may have at most {} frames", most));
    if (fixed > 0) spectrum_.frames = static_cast<std::size_t>(fixed);
    if (!options.segment_s) return;
    if (fixed > 0) {
      throw Error(ErrorCode::invalid_argument, "segment",
                  fmt::format("is always {:.2f} s with this graph; leave the option out", segment_s()));
    }
    spectrum_.frames = 1 + static_cast<std::size_t>(*options.segment_s * sample_rate_) / spectrum_.hop;
    if (spectrum_.frames <= most) return;
    throw Error(ErrorCode::invalid_argument, "segment",
                fmt::format("is {} s; this model takes at most {:.1f} s", *options.segment_s,
                            static_cast<double>((most - 1) * spectrum_.hop) / sample_rate_));
  }

  void analyse(Workspace& workspace, std::span<const float> input) const {
    const std::size_t bins = spectrum_.bins;
    const std::size_t frames = spectrum_.frames;
    for (std::size_t channel = 0; channel < kStereo; ++channel) {
      reflect(input.subspan(channel * chunk(), chunk()), trim(), workspace.padded);
      float* real = workspace.parts.data() + channel * kParts * bins * frames;
      float* imaginary = real + bins * frames;
      for (std::size_t frame = 0; frame < frames; ++frame) {
        const auto spectrum =
            workspace.transform.forward(std::span(workspace.padded).subspan(frame * spectrum_.hop, spectrum_.fft));
        for (std::size_t k = spectrum_.zeroed_bins; k < bins; ++k) {
          real[k * frames + frame] = spectrum[k].real();
          imaginary[k * frames + frame] = spectrum[k].imag();
        }
      }
    }
  }

  std::size_t run_graph(Workspace& workspace) const {
    const Axes shape = {1, kSpectralChannels, signed_size(spectrum_.bins), signed_size(spectrum_.frames)};
    graph_.run({{workspace.parts, shape}}, {{workspace.result, shape}});
    if (!denoises_) return 1;
    std::vector<float> upside_down(workspace.parts.size());
    std::ranges::transform(workspace.parts, upside_down.begin(), std::negate<>());
    workspace.second.resize(workspace.parts.size());
    graph_.run({{upside_down, shape}}, {{workspace.second, shape}});
    for (std::size_t i = 0; i < workspace.result.size(); ++i) {
      workspace.result[i] = 0.5F * (workspace.result[i] - workspace.second[i]);
    }
    return 2;
  }

  /// `dst` [2, length] of the chunk's beginning.
  void synthesise(Workspace& workspace, std::span<const float> parts, std::span<float> dst) const {
    const std::size_t length = dst.size() / kStereo;
    for (std::size_t channel = 0; channel < kStereo; ++channel) {
      const std::size_t size = kParts * spectrum_.bins * spectrum_.frames;
      overlap(workspace, parts.subspan(channel * size, size));
      for (std::size_t i = 0; i < length; ++i) {
        dst[channel * length + i] = workspace.padded[trim() + i] / squares_[trim() + i];
      }
    }
  }

  void overlap(Workspace& workspace, std::span<const float> parts) const {
    const std::size_t frames = spectrum_.frames;
    const std::span<const float> real = parts.first(spectrum_.bins * frames);
    const std::span<const float> imaginary = parts.subspan(spectrum_.bins * frames);
    std::ranges::fill(workspace.padded, 0.0F);
    for (std::size_t frame = 0; frame < frames; ++frame) {
      const std::span<Bin> spectrum = workspace.transform.spectrum();
      std::ranges::fill(spectrum, Bin());
      for (std::size_t k = 0; k < spectrum_.bins; ++k) {
        spectrum[k] = {real[k * frames + frame], imaginary[k * frames + frame]};
      }
      spectrum.front().imag(0);
      spectrum.back().imag(0);
      workspace.transform.add_inverse(1, std::span(workspace.padded).subspan(frame * spectrum_.hop));
    }
  }

  Graph graph_;
  model::Spectrum spectrum_;
  int sample_rate_;
  bool denoises_;
  bool gives_band_;
  bool is_weighted_ = true;
  std::size_t step_ = 0;
  std::vector<float> squares_;  // what overlapped windows make of 1, from `trim` before a chunk on
  mutable base::Pool<Workspace> workspaces_;
};

}  // namespace

std::unique_ptr<Network> open_mdx(Graph graph, const model::Manifest& manifest, const SeparateOptions& options) {
  return std::make_unique<Mdx>(std::move(graph), manifest, options);
}

}  // namespace vivace::separate
