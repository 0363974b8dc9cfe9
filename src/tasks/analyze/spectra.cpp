#include "tasks/analyze/spectra.hpp"

#include <cmath>

#include "base/vectorised.hpp"
#include "dsp/window.hpp"

namespace vivace::analyze {
namespace {

void clear(Spectra& spectra) {
  spectra.frames = 0;
  spectra.magnitude.clear();
  spectra.power.clear();
}

VIVACE_VECTORISED void multiply(const float* a, const float* b, std::size_t count, float* dst) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = a[i] * b[i];
}

VIVACE_VECTORISED void measure(const float* parts, std::size_t count, float* power, float* magnitude) {
  for (std::size_t i = 0; i < count; ++i) {
    power[i] = parts[2 * i] * parts[2 * i] + parts[2 * i + 1] * parts[2 * i + 1];
    magnitude[i] = std::sqrt(power[i]);
  }
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
  multiply(frame.data(), window_.data(), kFrame, input.data());
  const std::span<const std::complex<float>> bins = fft_.forward();
  const std::size_t begin = dst.power.size();
  dst.power.resize(begin + kBins);
  dst.magnitude.resize(begin + kBins);
  // A complex number is laid out as its two parts.
  measure(reinterpret_cast<const float*>(bins.data()), kBins, dst.power.data() + begin, dst.magnitude.data() + begin);
  ++dst.frames;
  ++emitted_;
}

}  // namespace vivace::analyze
