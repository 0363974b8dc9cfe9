#include "library/musical_key.hpp"

#include <array>

namespace vivace::library {
namespace {

constexpr int kPitchClasses = 12;
constexpr int kFifth = 7;
constexpr int kMinorThird = 3;
constexpr std::array<std::string_view, kPitchClasses> kFlatNames = {"C",  "Db", "D",  "Eb", "E",  "F",
                                                                    "Gb", "G",  "Ab", "A",  "Bb", "B"};
constexpr std::array<std::string_view, kPitchClasses> kSharpNames = {"C",  "C#", "D",  "D#", "E",  "F",
                                                                     "F#", "G",  "G#", "A",  "A#", "B"};

int wrapped(int pitch_class) { return (pitch_class + kPitchClasses) % kPitchClasses; }

/// The major key with the same signature.
int relative_major(const MusicalKey& key) {
  return key.is_major ? key.pitch_class : wrapped(key.pitch_class + kMinorThird);
}

}  // namespace

std::optional<MusicalKey> parse_key(std::string_view key, std::string_view scale) {
  if (scale != "major" && scale != "minor") return std::nullopt;
  for (int i = 0; i < kPitchClasses; ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (key == kFlatNames[index] || key == kSharpNames[index]) return MusicalKey{i, scale == "major"};
  }
  return std::nullopt;
}

std::vector<std::string> pitch_class_names(int pitch_class) {
  const auto index = static_cast<std::size_t>(wrapped(pitch_class));
  std::vector<std::string> names{std::string(kFlatNames[index])};
  if (kSharpNames[index] != kFlatNames[index]) names.emplace_back(kSharpNames[index]);
  return names;
}

std::vector<MusicalKey> compatible_keys(const MusicalKey& key) {
  const int relative = key.pitch_class + (key.is_major ? -kMinorThird : kMinorThird);
  return {key,
          {wrapped(relative), !key.is_major},
          {wrapped(key.pitch_class + kFifth), key.is_major},
          {wrapped(key.pitch_class - kFifth), key.is_major}};
}

std::string camelot(const MusicalKey& key) {
  // C major is 8, and each fifth above it one more. Seven fifths are one semitone, so seven semitones count the fifths.
  constexpr int kPlaceOfC = 8;
  const int fifths = relative_major(key) * kFifth % kPitchClasses;
  return std::to_string((kPlaceOfC - 1 + fifths) % kPitchClasses + 1) + (key.is_major ? "B" : "A");
}

}  // namespace vivace::library
