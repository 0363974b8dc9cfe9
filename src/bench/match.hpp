#pragma once

#include <string>
#include <vector>

#include "bench/result.hpp"

namespace vivace::bench {

/// A run of each of two results that measured the same.
struct RunPair {
  const Run* base = nullptr;
  const Run* other = nullptr;
  bool in_turn = false;  ///< made slice by slice in turn
};

struct RunMatch {
  std::vector<RunPair> pairs;             ///< in the order of the base
  std::vector<std::string> only_in_base;  ///< names
  std::vector<std::string> only_in_other;
};

/// Pairs runs that agree in name, target, settings and load; of the rest those that agree in name and target, then in
/// name; and then what is left, where that is one of each. A run is in one pair at most. The pairs point into `base`
/// and `other`.
RunMatch match_runs(const std::vector<Run>& base, const std::vector<Run>& other);

/// The pairs of runs in one result that were made in turn. They stand next to each other.
std::vector<RunPair> pairs_in_turn(const std::vector<Run>& runs);

/// What people call a run: its name, or its target where it has none.
const std::string& label_of(const Run& run);

/// In what two runs differ that could explain a difference: "precision: fp32, then bf16".
std::vector<std::string> setting_differences(const Run& base, const Run& other);

/// The same of two environments: "cpu: A, then B". Time and command line do not count.
std::vector<std::string> environment_differences(const Environment& base, const Environment& other);

}  // namespace vivace::bench
