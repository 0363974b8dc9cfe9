#include "tasks/embed/mel_frontend.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/window.hpp"

namespace vivace::embed {
namespace {

dsp::MelOptions mel_options(const model::FrontEnd& settings, int sample_rate) {
  return {.sample_rate = static_cast<double>(sample_rate),
          .fft_size = settings.fft,
          .bands = settings.bands,
          .low_hz = settings.low_hz,
          .high_hz = settings.high_hz,
          .scale = settings.mel_scale == "htk" ? dsp::MelScale::htk : dsp::MelScale::slaney,
          .slopes = settings.slopes == "mel" ? dsp::MelSlopes::mel : dsp::MelSlopes::hz,
          .normalisation = settings.normalisation == "unit-peak" ? dsp::MelNormalisation::unit_peak
                                                                 : dsp::MelNormalisation::unit_area};
}

dsp::WindowEnds window_ends(const model::FrontEnd& settings) {
  return settings.window == "hann-periodic" ? dsp::WindowEnds::periodic : dsp::WindowEnds::symmetric;
}

}  // namespace

MelFrontEnd::MelFrontEnd(const model::FrontEnd& settings, int sample_rate)
    : settings_(settings),
      window_(dsp::hann_window(settings.frame, window_ends(settings))),
      cutter_(settings.frame, settings.hop, settings.centred),
      fft_(settings.fft),
      bank_(mel_options(settings, sample_rate)),
      spectrum_(settings.fft / 2 + 1),
      log_factor_(static_cast<float>((settings.log == "log10" ? std::numbers::log10e : 1.0) / settings.divisor)),
      offset_(static_cast<float>(settings.mean / settings.divisor)) {}

void MelFrontEnd::push(std::span<const float> samples, std::vector<float>& dst) {
  cutter_.push(samples, [&](std::span<const float> frame) { append_frame(frame, dst); });
}

void MelFrontEnd::finish(std::vector<float>& dst) {
  cutter_.finish([&](std::span<const float> frame) { append_frame(frame, dst); });
}

void MelFrontEnd::append_frame(std::span<const float> samples, std::vector<float>& dst) {
  const std::span<float> input = fft_.input();
  for (std::size_t i = 0; i < samples.size(); ++i) input[i] = samples[i] * window_[i];
  std::fill(input.begin() + static_cast<std::ptrdiff_t>(samples.size()), input.end(), 0.0F);
  const auto bins = fft_.forward();
  for (std::size_t k = 0; k < bins.size(); ++k) {
    spectrum_[k] = bins[k].real() * bins[k].real() + bins[k].imag() * bins[k].imag();
  }
  if (settings_.spectrum == "magnitude") {
    for (float& bin : spectrum_) bin = std::sqrt(bin);
  }
  dst.resize(dst.size() + bands());
  const std::span<float> frame = std::span(dst).last(bands());
  bank_.apply(spectrum_, frame);
  const auto multiply = static_cast<float>(settings_.multiply);
  const auto add = static_cast<float>(settings_.add);
  for (float& band : frame) band = std::log(multiply * band + add) * log_factor_ - offset_;
}

}  // namespace vivace::embed
