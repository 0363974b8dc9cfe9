#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vivace::model {

class TableReader;

/// The spectrum that a network sees: frames under a periodic Hann window.
struct Spectrum {
  std::size_t fft = 4096;
  std::size_t hop = 1024;
  std::size_t bins = 0;         ///< from 0 Hz on; bins above them are not seen
  std::size_t frames = 0;       ///< a segment
  std::size_t zeroed_bins = 0;  ///< the first ones, which the network gets as zeros

  bool operator==(const Spectrum&) const = default;
};

/// How many frames a segment may have with the sizes of `spectrum`, as what is computed of it is kept in memory.
std::size_t most_frames(const Spectrum& spectrum);

/// One network of several whose results are averaged.
struct BagMember {
  std::string role;             ///< of its file
  std::vector<double> weights;  ///< one a stem, at least 0

  bool operator==(const BagMember&) const = default;
};

/// What a model that separates makes of a track.
struct Separation {
  std::vector<std::string> stems;  ///< in the order of the network's output
  double compensate = 1;           ///< mdx: what the network's stem is multiplied by
  std::vector<BagMember> bag;      ///< htdemucs; empty: one network, of the role "graph"

  bool operator==(const Separation&) const = default;
};

/// Readers of the sections [spectrum] and [separation], and of [[bag]]. Throw as TableReader.
Spectrum read_spectrum(TableReader table);
Separation read_separation(TableReader table);
std::vector<BagMember> read_bag(TableReader& document, std::size_t stems);

/// The sections as text of a `model.toml`.
std::string to_toml(const Spectrum& spectrum);
std::string to_toml(const Separation& separation);

}  // namespace vivace::model
