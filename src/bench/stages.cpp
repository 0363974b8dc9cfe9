#include <algorithm>
#include <array>
#include <string_view>

#include "bench/result.hpp"

namespace vivace::bench {
namespace {

constexpr std::array<std::string_view, 8> kOrder = {"queue",  "prepare",  "infer", "copy out",
                                                    "decode", "resample", "mel",   "model"};

}  // namespace

std::vector<std::pair<std::string, double>> stages_in_order(const std::map<std::string, double>& stage_s) {
  const auto place = [](const auto& stage) { return std::find(kOrder.begin(), kOrder.end(), stage.first); };
  std::vector<std::pair<std::string, double>> stages(stage_s.begin(), stage_s.end());
  std::stable_sort(stages.begin(), stages.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return stages;
}

}  // namespace vivace::bench
