#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vivace::test {

/// Scrambled integers in [-0.5, 0.5): noise without a random generator.
std::vector<float> scrambled(std::size_t samples);

/// 0.3 sin(2 pi 440 t) + 0.2 sin(2 pi 3333 t + 1) at 44.1 kHz: the signal of published values.
std::vector<float> two_tones(std::size_t samples);

/// A WAV file with a signal that tests/goldens/signals.py defines, byte for byte as made there.
std::string golden_wav(const std::string& name);

/// The largest |a[i] - b[i]|; the test fails where the lengths differ.
double largest_difference(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace vivace::test
