#include "dsp/butterworth.hpp"

#include <cmath>
#include <complex>
#include <numbers>

namespace vivace::dsp {
namespace {

using Complex = std::complex<double>;
using std::numbers::pi;

/// An analogue frequency, in units of twice the sample rate.
double warped(double frequency, int sample_rate) { return std::tan(pi * frequency / sample_rate); }

Complex bilinear(Complex s) { return (1.0 + s) / (1.0 - s); }

struct Pair {
  Complex first, second;
};

/// The two poles, in z, that a pole of the low-pass prototype becomes.
Pair band_poles(Complex prototype, double width, double centre) {
  const Complex half = 0.5 * width * prototype;
  const Complex root = std::sqrt(half * half - centre * centre);
  return {bilinear(half + root), bilinear(half - root)};
}

BandPass::Section with_conjugate(Complex pole) { return {-2 * pole.real(), std::norm(pole)}; }

/// Poles that are both real or conjugates of each other.
BandPass::Section of_pair(const Pair& poles) {
  return {-(poles.first + poles.second).real(), (poles.first * poles.second).real()};
}

double magnitude(const BandPass::Section& section, double angle) {
  const Complex delay = std::polar(1.0, -angle);
  return std::abs((1.0 - delay * delay) / (1.0 + section.a1 * delay + section.a2 * delay * delay));
}

}  // namespace

BandPass butterworth_band_pass(std::size_t order, double low, double high, int sample_rate) {
  const double from = warped(low, sample_rate);
  const double to = warped(high, sample_rate);
  const double width = to - from;
  const double centre = std::sqrt(from * to);
  BandPass filter;
  for (std::size_t k = 0; k < order / 2; ++k) {
    const double angle = pi * static_cast<double>(2 * k + order + 1) / static_cast<double>(2 * order);
    const Pair poles = band_poles(std::polar(1.0, angle), width, centre);
    filter.sections.push_back(with_conjugate(poles.first));
    filter.sections.push_back(with_conjugate(poles.second));
  }
  filter.sections.push_back(of_pair(band_poles(-1.0, width, centre)));
  for (const auto& section : filter.sections) filter.gain /= magnitude(section, 2 * std::atan(centre));
  return filter;
}

}  // namespace vivace::dsp
