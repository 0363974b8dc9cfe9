#include "bench/match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "bench/wording.hpp"

namespace vivace::bench {
namespace {

using Texts = std::map<std::string, std::string>;
using SameRun = std::function<bool(const Run&, const Run&)>;

std::string number(double value) { return value == 0 ? "" : fmt::format("{:g}", value); }

Texts load_texts(const LoadDescription& load) {
  return {{"load", load.kind},
          {"concurrency", number(static_cast<double>(load.concurrency))},
          {"rate", number(load.rate_hz)},
          {"streams", number(static_cast<double>(load.streams))},
          {"frame rate", number(load.frame_rate_hz)},
          {"latency bound", number(load.latency_bound_s)}};
}

Texts texts_of(const Run& run) {
  Texts texts = load_texts(run.load);
  texts.insert(run.settings.begin(), run.settings.end());
  texts["target"] = run.target;
  return texts;
}

Texts texts_of(const Environment& environment) {
  Texts texts{{"host", environment.host},
              {"cpu", environment.cpu},
              {"instruction sets", fmt::format("{}", fmt::join(environment.instruction_sets, " "))},
              {"cores", fmt::format("{}", environment.cores)},
              {"governor", environment.governor},
              {"memory", bytes_text(static_cast<double>(environment.memory_bytes))},
              {"kernel", environment.kernel},
              {"vivace", environment.vivace_version},
              {"revision", environment.git_revision}};
  for (const auto& [name, version] : environment.libraries) texts[name] = version;
  return texts;
}

std::vector<std::string> differences(const Texts& base, const Texts& other) {
  const auto value = [](const Texts& texts, const std::string& name) {
    const auto found = texts.find(name);
    return found == texts.end() || found->second.empty() ? std::string("none") : found->second;
  };
  Texts names = base;
  names.insert(other.begin(), other.end());
  std::vector<std::string> found;
  for (const auto& [name, ignored] : names) {
    const std::string before = value(base, name);
    const std::string after = value(other, name);
    if (before != after) found.push_back(fmt::format("{}: {}, then {}", name, before, after));
  }
  return found;
}

/// Moves what `same` pairs from the two lists to `pairs`.
void pair_up(std::vector<const Run*>& base, std::vector<const Run*>& other, std::vector<RunPair>& pairs,
             const SameRun& same) {
  std::erase_if(base, [&](const Run* run) {
    const auto found =
        std::find_if(other.begin(), other.end(), [&](const Run* candidate) { return same(*run, *candidate); });
    if (found == other.end()) return false;
    pairs.push_back({run, *found, false});
    other.erase(found);
    return true;
  });
}

std::vector<const Run*> pointers(const std::vector<Run>& runs) {
  std::vector<const Run*> list;
  for (const Run& run : runs) list.push_back(&run);
  return list;
}

std::vector<std::string> names(const std::vector<const Run*>& runs) {
  std::vector<std::string> list;
  for (const Run* run : runs) list.push_back(label_of(*run));
  return list;
}

}  // namespace

RunMatch match_runs(const std::vector<Run>& base, const std::vector<Run>& other) {
  RunMatch match;
  std::vector<const Run*> base_left = pointers(base);
  std::vector<const Run*> other_left = pointers(other);
  const auto same_name = [](const Run& a, const Run& b) { return a.name == b.name; };
  const auto same_target = [&](const Run& a, const Run& b) { return same_name(a, b) && a.target == b.target; };
  pair_up(base_left, other_left, match.pairs,
          [&](const Run& a, const Run& b) { return same_name(a, b) && texts_of(a) == texts_of(b); });
  pair_up(base_left, other_left, match.pairs, same_target);
  pair_up(base_left, other_left, match.pairs, same_name);
  if (base_left.size() == 1 && other_left.size() == 1) {
    pair_up(base_left, other_left, match.pairs, [](const Run&, const Run&) { return true; });
  }
  std::sort(match.pairs.begin(), match.pairs.end(), [](const RunPair& a, const RunPair& b) { return a.base < b.base; });
  match.only_in_base = names(base_left);
  match.only_in_other = names(other_left);
  return match;
}

std::vector<RunPair> pairs_in_turn(const std::vector<Run>& runs) {
  std::vector<RunPair> pairs;
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
    const std::size_t slices = runs[i].slice_ends_s.size();
    if (slices == 0 || runs[i + 1].slice_ends_s.size() != slices) continue;
    pairs.push_back({&runs[i], &runs[i + 1], true});
    ++i;
  }
  return pairs;
}

const std::string& label_of(const Run& run) { return run.name.empty() ? run.target : run.name; }

std::vector<std::string> setting_differences(const Run& base, const Run& other) {
  const auto with_hashes = [](const Run& run) {
    Texts texts = texts_of(run);
    texts.insert({{"model SHA-256", run.model_sha256}, {"input SHA-256", run.input_sha256}});
    return texts;
  };
  return differences(with_hashes(base), with_hashes(other));
}

std::vector<std::string> environment_differences(const Environment& base, const Environment& other) {
  return differences(texts_of(base), texts_of(other));
}

}  // namespace vivace::bench
