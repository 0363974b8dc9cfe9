#include "support/signals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "support/wav.hpp"

namespace vivace::test {
namespace {

using Channel = std::vector<std::int64_t>;  // samples of 16 bits

constexpr std::array<std::int64_t, 12> kScale{110'000, 130'813, 146'832, 164'814, 195'998, 220'000,
                                              261'626, 293'665, 329'628, 391'995, 440'000, 523'251};  // mHz

double two_tones_at(std::size_t i) {
  const double turn = 2 * std::numbers::pi / 44100;
  const auto t = static_cast<double>(i);
  return 0.3 * std::sin(turn * 440 * t) + 0.2 * std::sin(turn * 3333 * t + 1);
}

Channel rounded_two_tones(std::size_t samples) {
  Channel channel(samples);
  for (std::size_t i = 0; i < samples; ++i) channel[i] = std::lround(32768 * two_tones_at(i));
  return channel;
}

std::uint32_t hash(std::int64_t i) {
  std::uint32_t h = static_cast<std::uint32_t>(i) * 2654435761U;
  h = (h ^ (h >> 15)) * 2246822519U;
  h = (h ^ (h >> 13)) * 3266489917U;
  return h ^ (h >> 16);
}

std::int64_t triangle(std::uint32_t phase) {
  const std::int64_t ramp = phase >> 16;
  return (ramp < 32768 ? ramp : 65535 - ramp) - 16384;
}

std::int64_t saw(std::uint32_t phase) { return static_cast<std::int64_t>(phase >> 17) - 16384; }

/// 65536 at age 0, falling to 0 at `length`.
std::int64_t fade(std::int64_t age, std::int64_t length) {
  return std::max<std::int64_t>(0, 65536 - 65536 * age / length);
}

struct Voice {
  std::int64_t length;  // of a note, in samples
  std::int64_t seed;
  std::int64_t (*shape)(std::uint32_t);
  int octave;
};

std::int64_t note_at(std::int64_t i, std::int64_t rate, const Voice& voice) {
  const std::int64_t note = i / voice.length;
  const std::int64_t age = i % voice.length;
  const std::int64_t pitch = kScale[hash(voice.seed + note) % kScale.size()];
  const std::int64_t step = (pitch << (32 + voice.octave)) / (1000 * rate);
  return (voice.shape(static_cast<std::uint32_t>(step * age)) * fade(age, voice.length)) >> 16;
}

std::int64_t drum_at(std::int64_t i, std::int64_t rate) {
  const std::int64_t burst = static_cast<std::int64_t>(hash(i) >> 17) - 16384;
  return (burst * fade(i % (rate / 2), rate / 8)) >> 16;
}

/// A melody, a bass and a drum; each channel has its own balance of them.
std::vector<Channel> notes(std::int64_t rate, std::size_t channels, std::size_t samples) {
  constexpr std::array<std::array<std::int64_t, 3>, 2> balance{{{10, 5, 8}, {5, 9, 6}}};
  const Voice melody{rate / 4, 1, triangle, 1};
  const Voice bass{rate, 1000, saw, 0};
  std::vector<Channel> signal(channels, Channel(samples));
  for (std::size_t i = 0; i < samples; ++i) {
    const auto t = static_cast<std::int64_t>(i);
    const std::array<std::int64_t, 3> parts{note_at(t, rate, melody), note_at(t, rate, bass), drum_at(t, rate)};
    for (std::size_t c = 0; c < channels; ++c) {
      const auto& [m, b, d] = balance[c];
      signal[c][i] = (m * parts[0] + b * parts[1] + d * parts[2]) >> 4;
    }
  }
  return signal;
}

}  // namespace

std::vector<float> scrambled(std::size_t samples) {
  std::vector<float> signal(samples);
  for (std::size_t i = 0; i < samples; ++i) signal[i] = static_cast<float>((7919 * i) % 1000) / 1000 - 0.5F;
  return signal;
}

std::vector<float> two_tones(std::size_t samples) {
  std::vector<float> signal(samples);
  for (std::size_t i = 0; i < samples; ++i) signal[i] = static_cast<float>(two_tones_at(i));
  return signal;
}

std::string golden_wav(const std::string& name) {
  if (name == "two-tones") return integer_wav({rounded_two_tones(264'600)}, 44100);
  if (name == "notes-44100-stereo") return integer_wav(notes(44100, 2, 882'000), 44100);
  if (name == "notes-48000-stereo") return integer_wav(notes(48000, 2, 288'000), 48000);
  if (name == "notes-22050-mono") return integer_wav(notes(22050, 1, 132'300), 22050);
  throw std::invalid_argument("tests/goldens/signals.py has no signal " + name);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

}  // namespace vivace::test
