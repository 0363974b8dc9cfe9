#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::library {

struct MusicalKey {
  int pitch_class = 0;  ///< 0 is C, 11 is B
  bool is_major = true;

  bool operator==(const MusicalKey&) const = default;
};

/// "C", "Db" or "C#" with "major" or "minor"; nothing for anything else.
std::optional<MusicalKey> parse_key(std::string_view key, std::string_view scale);

/// The names of a pitch class: "Db" and "C#", or one.
std::vector<std::string> pitch_class_names(int pitch_class);

/// The keys that mix well with one: itself, its relative, and those a fifth above and below, which are the neighbours
/// on the Camelot wheel.
std::vector<MusicalKey> compatible_keys(const MusicalKey& key);

/// Its place on the Camelot wheel: "8B" for C major, "8A" for A minor.
std::string camelot(const MusicalKey& key);

}  // namespace vivace::library
