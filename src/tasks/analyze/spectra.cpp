#include "tasks/analyze/spectra.hpp"

#include <cmath>

#include "dsp/window.hpp"

namespace vivace::analyze {
namespace {

void clear(Spectra& spectra) {
  spectra.frames = 0;
  spectra.magnitude.clear();
  spectra.power.clear();
}

}  // namespace

SpectraMaker::SpectraMaker()
    : window_(dsp::hann_window(kFrame, dsp::WindowEnds::periodic)), cutter_(kFrame, kHop, true), fft_(kFrame) {}

void SpectraMaker::push(std::span<const float> mono, Spectra& dst) {
  clear(dst);
  samples_ += mono.size();
  cutter_.push(mono, [&](std::span<const float> frame) { append(frame, dst); });
}

void SpectraMaker::finish(Spectra& dst) {
  clear(dst);
  // The cutter ends with the first frame whose centre is at or behind the end; librosa with the last one before or at
  // it.
  const std::size_t wanted = samples_ == 0 ? 0 : 1 + samples_ / kHop;
  cutter_.finish([&](std::span<const float> frame) {
    if (emitted_ < wanted) append(frame, dst);
  });
  samples_ = emitted_ = 0;
}

void SpectraMaker::append(std::span<const float> frame, Spectra& dst) {
  const std::span<float> input = fft_.input();
  for (std::size_t i = 0; i < kFrame; ++i) input[i] = frame[i] * window_[i];
  const std::span<const std::complex<float>> bins = fft_.forward();
  const std::size_t begin = dst.power.size();
  dst.power.resize(begin + kBins);
  dst.magnitude.resize(begin + kBins);
  float* power = dst.power.data() + begin;
  float* magnitude = dst.magnitude.data() + begin;
  for (std::size_t i = 0; i < kBins; ++i) {
    power[i] = bins[i].real() * bins[i].real() + bins[i].imag() * bins[i].imag();
    magnitude[i] = std::sqrt(power[i]);
  }
  ++dst.frames;
  ++emitted_;
}

}  // namespace vivace::analyze
