#include "tasks/separate/spectral_mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <complex>
#include <limits>

#include "base/pool.hpp"
#include "dsp/hann_frames.hpp"
#include "tasks/separate/ratio_mask.hpp"
#include "tasks/separate/wiener_filter.hpp"

namespace vivace::separate {
namespace {

using Bin = std::complex<float>;

constexpr std::size_t kFewestHops = 3;  // a frame, for which squared Hann windows add up to a constant

// Spleeter's EPSILON.
constexpr float kEpsilon = 1e-10F;

std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

class SpectralMask : public Network {
 public:
  SpectralMask(Graph graph, const model::Manifest& manifest, const std::vector<std::size_t>& wanted,
               const SeparateOptions& options)
      : graph_(std::move(graph)),
        spectrum_(*manifest.spectrum),
        sample_rate_(manifest.audio->sample_rate),
        stems_(manifest.separation->stems.size()),
        wanted_(wanted),
        averages_above_(options.upper_band == "average"),
        wiener_iterations_(options.wiener),
        scale_(1 /
               dsp::hann_square_sum(spectrum_.fft, spectrum_.hop, 2 * spectrum_.fft / spectrum_.hop)[spectrum_.fft]) {
    const std::int64_t frames = signed_size(spectrum_.frames);
    const std::int64_t bins = signed_size(spectrum_.bins);
    graph_.require("input", graph_.input_axes(4), {1, 2, frames, bins});
    graph_.require("output", graph_.output_axes(5), {1, signed_size(stems_), 2, frames, bins});
    if (spectrum_.fft % spectrum_.hop != 0 || spectrum_.fft / spectrum_.hop < kFewestHops) {
      graph_.mismatch(fmt::format("a frame of the spectrum must be {} or more hops, without a rest", kFewestHops));
    }
  }

  const std::string& placement() const override { return graph_.placement(); }
  std::size_t signals() const override { return wanted_.size(); }
  double segment_s() const override { return static_cast<double>(spectrum_.frames * spectrum_.hop) / sample_rate_; }

  std::optional<Segment> segment(std::size_t index, std::optional<std::int64_t> end) const override {
    const std::int64_t begin = signed_size(index * spectrum_.frames * spectrum_.hop) - signed_size(spectrum_.fft);
    if (end && begin >= *end) return std::nullopt;
    std::size_t length = (spectrum_.frames - 1) * spectrum_.hop + spectrum_.fft;
    if (end) length = std::min(length, static_cast<std::size_t>(*end - begin));
    return Segment{begin, length, begin, length};
  }

  std::size_t run(const Segment& segment, std::span<const float> input, std::span<float> output) const override {
    std::unique_ptr<Workspace> workspace =
        workspaces_.take([&] { return std::make_unique<Workspace>(spectrum_, stems_); });
    const std::size_t length = segment.input_length;
    // Frames that begin behind the end are empty.
    const std::size_t frames = std::min(spectrum_.frames, (length + spectrum_.hop - 1) / spectrum_.hop);
    analyse(*workspace, input, length, frames);
    graph_.run({{workspace->magnitudes, {1, 2, signed_size(spectrum_.frames), signed_size(spectrum_.bins)}}},
               {{workspace->estimates,
                 {1, signed_size(stems_), 2, signed_size(spectrum_.frames), signed_size(spectrum_.bins)}}});
    if (wiener_iterations_ > 0) {
      filter(*workspace, frames);
    } else {
      to_masks(*workspace, frames);
    }
    std::ranges::fill(output, 0.0F);
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      for (std::size_t channel = 0; channel < kStereo; ++channel) {
        synthesise(*workspace, wanted_[i], channel, frames, output.subspan((i * kStereo + channel) * length, length));
      }
    }
    workspaces_.give_back(std::move(workspace));
    return 1;
  }

 private:
  struct Workspace {
    Workspace(const model::Spectrum& spectrum, std::size_t stems)
        : transform(spectrum.fft),
          spectra(kStereo * spectrum.frames * (spectrum.fft / 2 + 1)),
          magnitudes(kStereo * spectrum.frames * spectrum.bins),
          estimates(stems * magnitudes.size()),
          padded(spectrum.fft) {}

    dsp::HannFrames transform;
    std::vector<Bin> spectra;       // of the mix, [2, frames, fft / 2 + 1]
    std::vector<float> magnitudes;  // of the same, [2, frames, bins]; then the sums of squared estimates
    std::vector<float> estimates;   // [stems, 2, frames, bins]; then the masks
    std::vector<float> padded;      // a frame that reaches beyond the end
    std::vector<Bin> filtered;      // [stems, 2, frames, bins], where stems are filtered and not masked
  };

  std::size_t all_bins() const { return spectrum_.fft / 2 + 1; }

  void analyse(Workspace& workspace, std::span<const float> input, std::size_t length, std::size_t frames) const {
    std::ranges::fill(workspace.magnitudes, 0.0F);
    for (std::size_t channel = 0; channel < kStereo; ++channel) {
      const std::span<const float> samples = input.subspan(channel * length, length);
      for (std::size_t frame = 0; frame < frames; ++frame) {
        const std::size_t row = channel * spectrum_.frames + frame;
        const auto bins = workspace.transform.forward(frame_of(workspace, samples, frame));
        std::ranges::copy(bins, workspace.spectra.begin() + signed_size(row * all_bins()));
        take_magnitudes(bins.first(spectrum_.bins),
                        std::span(workspace.magnitudes).subspan(row * spectrum_.bins, spectrum_.bins));
      }
    }
  }

  std::span<const float> frame_of(Workspace& workspace, std::span<const float> samples, std::size_t frame) const {
    const std::size_t begin = frame * spectrum_.hop;
    if (begin + spectrum_.fft <= samples.size()) return samples.subspan(begin, spectrum_.fft);
    std::ranges::fill(workspace.padded, 0.0F);
    std::ranges::copy(samples.subspan(begin), workspace.padded.begin());
    return workspace.padded;
  }

  /// Estimates become shares of the squares' sum, which is a little more than it is so that silence is shared equally.
  void to_masks(Workspace& workspace, std::size_t frames) const {
    const std::size_t size = workspace.magnitudes.size();
    const float share = kEpsilon / static_cast<float>(stems_);
    for (std::size_t row = 0; row < kStereo * spectrum_.frames; ++row) {
      if (row % spectrum_.frames >= frames) continue;
      const auto of_row = [&](std::vector<float>& values, std::size_t stem) {
        return std::span(values).subspan(stem * size + row * spectrum_.bins, spectrum_.bins);
      };
      const std::span<float> sums = of_row(workspace.magnitudes, 0);
      std::ranges::fill(sums, kEpsilon);
      for (std::size_t stem = 0; stem < stems_; ++stem) square_onto(of_row(workspace.estimates, stem), sums);
      for (std::size_t stem = 0; stem < stems_; ++stem) divide_by_sums(of_row(workspace.estimates, stem), share, sums);
    }
  }

  /// Stems that begin as their shares of the estimates' sum, bin by bin.
  void filter(Workspace& workspace, std::size_t frames) const {
    const auto largest = std::ranges::max_element(workspace.magnitudes);
    workspace.filtered.resize(workspace.estimates.size());
    std::vector<std::complex<double>> mix(kStereo * frames);
    std::vector<std::complex<double>> stems(stems_ * mix.size());
    for (std::size_t bin = 0; bin < spectrum_.bins; ++bin) {
      for (std::size_t channel = 0; channel < kStereo; ++channel) {
        for (std::size_t frame = 0; frame < frames; ++frame)
          share_out(workspace, channel, frame, frames, bin, mix, stems);
      }
      refine_bin(mix, stems, *largest, wiener_iterations_);
      for (std::size_t i = 0; i < stems.size(); ++i) {
        const std::size_t row = i / frames * spectrum_.frames + i % frames;
        workspace.filtered[row * spectrum_.bins + bin] = Bin(stems[i]);
      }
    }
  }

  void share_out(const Workspace& workspace, std::size_t channel, std::size_t frame, std::size_t frames,
                 std::size_t bin, std::span<std::complex<double>> mix, std::span<std::complex<double>> stems) const {
    const std::size_t row = channel * spectrum_.frames + frame;
    const std::size_t at = channel * frames + frame;
    mix[at] = workspace.spectra[row * all_bins() + bin];
    const auto estimate = [&](std::size_t stem) -> double {
      return workspace.estimates[stem * workspace.magnitudes.size() + row * spectrum_.bins + bin];
    };
    double sum = std::numeric_limits<float>::epsilon();
    for (std::size_t stem = 0; stem < stems_; ++stem) sum += estimate(stem);
    for (std::size_t stem = 0; stem < stems_; ++stem) stems[stem * mix.size() + at] = mix[at] * (estimate(stem) / sum);
  }

  void synthesise(Workspace& workspace, std::size_t stem, std::size_t channel, std::size_t frames,
                  std::span<float> dst) const {
    for (std::size_t frame = 0; frame < frames; ++frame) {
      const std::size_t row = channel * spectrum_.frames + frame;
      const std::size_t at = (stem * kStereo * spectrum_.frames + row) * spectrum_.bins;
      const Bin* mix = workspace.spectra.data() + row * all_bins();
      if (wiener_iterations_ > 0) {
        put_filtered(workspace.transform.spectrum(), std::span(workspace.filtered).subspan(at, spectrum_.bins));
      } else {
        put_masked(workspace.transform.spectrum(), mix, std::span(workspace.estimates).subspan(at, spectrum_.bins));
      }
      workspace.transform.add_inverse(scale_, dst.subspan(frame * spectrum_.hop));
    }
  }

  static void put_filtered(std::span<Bin> bins, std::span<const Bin> filtered) {
    std::ranges::copy(filtered, bins.begin());
    std::ranges::fill(bins.subspan(filtered.size()), Bin());
  }

  void put_masked(std::span<Bin> bins, const Bin* mix, std::span<const float> mask) const {
    apply_mask({mix, mask.size()}, mask, bins);
    if (!averages_above_) {
      std::ranges::fill(bins.subspan(mask.size()), Bin());
      return;
    }
    const float above = mean(mask);
    for (std::size_t k = mask.size(); k < bins.size(); ++k) bins[k] = mix[k] * above;
  }

  static float mean(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += value;
    return static_cast<float>(sum / static_cast<double>(values.size()));
  }

  Graph graph_;
  model::Spectrum spectrum_;
  int sample_rate_;
  std::size_t stems_;
  std::vector<std::size_t> wanted_;
  bool averages_above_;
  std::size_t wiener_iterations_;
  float scale_;  // what overlapped windows make of 1, undone
  mutable base::Pool<Workspace> workspaces_;
};

}  // namespace

std::unique_ptr<Network> open_spectral_mask(Graph graph, const model::Manifest& manifest,
                                            const std::vector<std::size_t>& wanted, const SeparateOptions& options) {
  return std::make_unique<SpectralMask>(std::move(graph), manifest, wanted, options);
}

}  // namespace vivace::separate
