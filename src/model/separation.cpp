#include "model/separation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/manifest_lines.hpp"
#include "model/toml_table.hpp"

namespace vivace::model {
namespace {

constexpr std::uint64_t kLargestFft = 65536;
constexpr std::uint64_t kMostFrames = 65536;
constexpr std::uint64_t kMostBins = std::uint64_t{1} << 24;  // of a segment
constexpr double kLargestCompensation = 10;

}  // namespace

std::size_t most_frames(const Spectrum& spectrum) { return std::min(kMostFrames, kMostBins / (spectrum.fft / 2 + 1)); }

Spectrum read_spectrum(TableReader table) {
  Spectrum spectrum;
  spectrum.fft = table.whole("fft", 16, kLargestFft);
  if (spectrum.fft % 2 != 0) table.fail("fft", "must be even");
  spectrum.hop = table.whole("hop", 1, spectrum.fft / 2);
  spectrum.bins = table.whole("bins", 1, spectrum.fft / 2 + 1);
  spectrum.frames = table.whole("frames", 2, most_frames(spectrum));
  spectrum.zeroed_bins = table.whole_or("zeroed_bins", 0, spectrum.bins, 0);
  table.finish();
  return spectrum;
}

Separation read_separation(TableReader table) {
  Separation separation;
  separation.stems = table.distinct_texts("stems");
  separation.compensate = table.number_or("compensate", 0, kLargestCompensation, 1);
  table.finish();
  return separation;
}

std::vector<BagMember> read_bag(TableReader& document, std::size_t stems) {
  std::vector<BagMember> bag;
  std::vector<double> sums(stems);
  for (TableReader& table : document.tables("bag")) {
    BagMember member{table.text("role"), table.numbers("weights", 0, 1e6)};
    if (member.weights.size() != stems) table.fail("weights", fmt::format("must be {}, one a stem", stems));
    for (std::size_t i = 0; i < stems; ++i) sums[i] += member.weights[i];
    table.finish();
    bag.push_back(std::move(member));
  }
  for (const double sum : sums) {
    if (!bag.empty() && sum == 0) document.fail("bag", "gives a stem no weight in any of its networks");
  }
  return bag;
}

std::string to_toml(const Spectrum& spectrum) {
  return "\n[spectrum]\n" + count_line("fft", spectrum.fft) + count_line("hop", spectrum.hop) +
         count_line("bins", spectrum.bins) + count_line("frames", spectrum.frames) +
         count_line("zeroed_bins", spectrum.zeroed_bins);
}

std::string to_toml(const Separation& separation) {
  std::string text =
      "\n[separation]\n" + texts_line("stems", separation.stems) + real_line("compensate", separation.compensate);
  for (const BagMember& member : separation.bag) {
    text += "\n[[bag]]\n" + text_line("role", member.role) + reals_line("weights", member.weights);
  }
  return text;
}

}  // namespace vivace::model
