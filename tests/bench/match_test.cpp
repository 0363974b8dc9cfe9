#include "bench/match.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace vivace::bench {
namespace {

Run run_of(std::string name, std::string target = "model a", std::string batch = "1") {
  Run run;
  run.name = std::move(name);
  run.target = std::move(target);
  run.settings["batch"] = std::move(batch);
  return run;
}

using Names = std::vector<std::pair<std::string, std::string>>;

/// Target and batch tell the runs of a pair apart.
Names pairs_of(const RunMatch& match) {
  Names names;
  for (const RunPair& pair : match.pairs) {
    names.emplace_back(pair.base->name + "/" + pair.base->settings.at("batch"),
                       pair.other->name + "/" + pair.other->settings.at("batch"));
  }
  return names;
}

TEST(MatchRuns, PairsByNameInTheOrderOfTheBase) {
  const std::vector<bench::Run> base{run_of("a"), run_of("b"), run_of("gone")};
  const std::vector<bench::Run> other{run_of("b"), run_of("new"), run_of("more"), run_of("a")};
  const RunMatch match = match_runs(base, other);
  EXPECT_EQ(pairs_of(match), (Names{{"a/1", "a/1"}, {"b/1", "b/1"}}));
  EXPECT_EQ(match.only_in_base, std::vector<std::string>{"gone"});
  EXPECT_EQ(match.only_in_other, (std::vector<std::string>{"new", "more"}));
}

TEST(MatchRuns, PrefersEqualSettings) {
  const std::vector<bench::Run> base{run_of("a", "t", "1"), run_of("a", "t", "2")};
  const std::vector<bench::Run> other{run_of("a", "t", "2"), run_of("a", "t", "4")};
  EXPECT_EQ(pairs_of(match_runs(base, other)), (Names{{"a/1", "a/4"}, {"a/2", "a/2"}}));
}

TEST(MatchRuns, PairsOneRunEachWhateverTheirNames) {
  const std::vector<bench::Run> base{run_of("a")};
  const std::vector<bench::Run> other{run_of("b", "model b")};
  EXPECT_EQ(match_runs(base, other).pairs.size(), 1U);
}

TEST(PairsInTurn, StandNextToEachOther) {
  std::vector<bench::Run> runs{run_of("alone"), run_of("A"), run_of("B"), run_of("A"), run_of("B"), run_of("A")};
  for (std::size_t i = 1; i < runs.size(); ++i) runs[i].slice_ends_s = {1, 2};
  const std::vector<RunPair> pairs = pairs_in_turn(runs);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].base, &runs[1]);
  EXPECT_EQ(pairs[1].other, &runs[4]);
}

TEST(SettingDifferences, NameWhatChanged) {
  bench::Run other = run_of("a", "model b", "2");
  other.load.concurrency = 4;
  other.input_sha256 = "ff";
  EXPECT_EQ(setting_differences(run_of("a"), other),
            (std::vector<std::string>{"batch: 1, then 2", "concurrency: none, then 4", "input SHA-256: none, then ff",
                                      "target: model a, then model b"}));
  EXPECT_TRUE(setting_differences(other, other).empty());
}

TEST(EnvironmentDifferences, IgnoreTimeAndCommand) {
  Environment base;
  Environment other;
  other.time = "later";
  other.command = {"bench"};
  EXPECT_TRUE(environment_differences(base, other).empty());
  other.governor = "powersave";
  EXPECT_EQ(environment_differences(base, other), std::vector<std::string>{"governor: none, then powersave"});
}

}  // namespace
}  // namespace vivace::bench
