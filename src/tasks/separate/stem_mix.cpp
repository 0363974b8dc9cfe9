#include "tasks/separate/stem_mix.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "tasks/separate/network.hpp"
#include "vivace/error.hpp"

namespace vivace::separate {
namespace {

std::size_t index_of(const std::vector<std::string>& stems, const std::string& name) {
  const auto found = std::ranges::find(stems, name);
  if (found == stems.end()) {
    throw Error(ErrorCode::invalid_argument, fmt::format("stem '{}'", name),
                fmt::format("is none of the model's: {}", fmt::join(stems, ", ")));
  }
  return static_cast<std::size_t>(found - stems.begin());
}

/// One signal of the network each.
std::vector<MixedStem> one_each(const std::vector<std::string>& stems, const std::vector<std::size_t>& wanted) {
  std::vector<MixedStem> mixed;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::vector<float> signals(wanted.size());
    signals[i] = 1;
    mixed.push_back({stems[wanted[i]], 0, std::move(signals)});
  }
  return mixed;
}

StemMix choose_some(const std::vector<std::string>& stems, const std::vector<std::string>& names) {
  StemMix choice;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      throw Error(ErrorCode::invalid_argument, fmt::format("stem '{}'", name), "is named twice; once will do");
    }
    choice.wanted.push_back(index_of(stems, name));
  }
  choice.stems = one_each(stems, choice.wanted);
  choice.whole = choice.wanted.size() == stems.size();
  return choice;
}

StemMix choose_all(const std::vector<std::string>& stems) {
  StemMix choice;
  choice.wanted.resize(stems.size());
  std::iota(choice.wanted.begin(), choice.wanted.end(), std::size_t{0});
  choice.stems = one_each(stems, choice.wanted);
  choice.whole = true;
  return choice;
}

StemMix choose_two(const std::vector<std::string>& stems, const std::string& name, bool subtract) {
  const std::size_t index = index_of(stems, name);
  StemMix choice;
  choice.whole = true;
  if (subtract) {
    choice.wanted = {index};
    choice.stems = {{name, 0, {1}}, {"no_" + name, 1, {-1}}};
    return choice;
  }
  choice = choose_all(stems);
  MixedStem rest{"no_" + name, 0, std::vector<float>(stems.size(), 1.0F)};
  rest.signals[index] = 0;
  choice.stems = {choice.stems[index], std::move(rest)};
  return choice;
}

}  // namespace

StemMix choose_stems(const std::vector<std::string>& stems, const SeparateOptions& options) {
  if (!options.two_stems.empty() && !options.stems.empty()) {
    throw Error(ErrorCode::invalid_argument, "two stems", "and a choice of stems contradict each other; name one");
  }
  if (!options.two_stems.empty()) return choose_two(stems, options.two_stems, options.subtract);
  return options.stems.empty() ? choose_all(stems) : choose_some(stems, options.stems);
}

std::vector<MixedStem> compose(const StemMix& choice, const std::vector<MixedStem>& model_stems) {
  std::vector<MixedStem> composed;
  for (const MixedStem& stem : choice.stems) {
    MixedStem made{stem.name, stem.mix, std::vector<float>(model_stems.front().signals.size())};
    for (std::size_t i = 0; i < stem.signals.size(); ++i) {
      const MixedStem& part = model_stems[choice.wanted[i]];
      made.mix += stem.signals[i] * part.mix;
      for (std::size_t k = 0; k < made.signals.size(); ++k) made.signals[k] += stem.signals[i] * part.signals[k];
    }
    composed.push_back(std::move(made));
  }
  return composed;
}

void mix_stems(const std::vector<MixedStem>& stems, std::span<const float> mix, std::span<const float> signals,
               std::vector<float>& mixed) {
  mixed.assign(stems.size() * mix.size(), 0.0F);
  for (std::size_t stem = 0; stem < stems.size(); ++stem) {
    const std::span<float> dst = std::span(mixed).subspan(stem * mix.size(), mix.size());
    const auto add = [&](float weight, std::span<const float> src) {
      for (std::size_t i = 0; weight != 0 && i < dst.size(); ++i) dst[i] += weight * src[i];
    };
    add(stems[stem].mix, mix);
    for (std::size_t i = 0; i < stems[stem].signals.size(); ++i) {
      add(stems[stem].signals[i], signals.subspan(i * mix.size(), mix.size()));
    }
  }
}

}  // namespace vivace::separate
