#include "bench/cost.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "bench/cost_text.hpp"
#include "bench/price.hpp"
#include "support/errors.hpp"

namespace vivace::bench {
namespace {

using test::expect_error;

TEST(ParsePrice, ReadsAmountUnitAndCurrency) {
  EXPECT_DOUBLE_EQ(parse_price("2.50/h").per_hour(730), 2.5);
  EXPECT_DOUBLE_EQ(parse_price("36/day").per_hour(730), 1.5);
  EXPECT_DOUBLE_EQ(parse_price("1460 EUR/month").per_hour(730), 2);
  EXPECT_DOUBLE_EQ(parse_price("8760/year").per_hour(730), 1);
  EXPECT_EQ(parse_price("$2.50/hour").before, "$");
  EXPECT_EQ(parse_price("1500 EUR/month").after, " EUR");
  EXPECT_EQ(parse_price("€3/h").money(3), "€3.00");
}

TEST(ParsePrice, KeepsDigitsOfSmallAmounts) {
  const Price price = parse_price("1 EUR/h");
  EXPECT_EQ(price.money(1234.5), "1234.50 EUR");
  EXPECT_EQ(price.money(0.0123), "0.0123 EUR");
  EXPECT_EQ(price.money(0), "0.00 EUR");
}

TEST(ParsePrice, RefusesWhatIsNoPrice) {
  for (const char* text : {"", "2.50", "/h", "2.50/", "2.50/week", "-2/h", "0/h", "1,50/h", "nan/h", "inf/h", "1e999/h",
                           "1 2/h", "$/h", "1\n/h", "a currency with a long name 1/h"}) {
    expect_error(ErrorCode::invalid_argument, [&] { parse_price(text); });
  }
}

/// A run that answered 100 items a second.
Run hundred_a_second() {
  Run run;
  run.duration_s = 10;
  run.samples.assign(100, {0, 0, 1, 10, 0, false});
  return run;
}

TEST(CostOf, IsPriceByRate) {
  const RunCost cost = cost_of(hundred_a_second(), parse_price("3.60/h"), {});
  EXPECT_NEAR(*cost.per_million_items, 3.6 / (100 * 3600) * 1e6, 1e-9);
  EXPECT_DOUBLE_EQ(cost.per_month, 3.6 * 730);
  EXPECT_FALSE(cost.per_thousand_audio_hours || cost.per_thousand_stream_hours);
}

TEST(CostOf, HalfTheUtilisationIsTwiceTheCost) {
  const RunCost cost = cost_of(hundred_a_second(), parse_price("3.60/h"), {730, 0.5});
  EXPECT_NEAR(*cost.per_million_items, 20, 1e-9);
}

TEST(CostOf, CountsAudioAndStreams) {
  bench::Run run = hundred_a_second();
  run.audio_s = 3600;  // 360 hours of audio an hour
  run.load.streams = 10;
  run.found["late_share"] = 0.0009;
  EXPECT_NEAR(*cost_of(run, parse_price("1/h"), {}).per_thousand_audio_hours, 1000 / 360.0, 1e-9);
  EXPECT_NEAR(*cost_of(run, parse_price("1/h"), {}).per_thousand_stream_hours, 100, 1e-9);
  run.found["most_streams"] = 20;
  EXPECT_NEAR(*cost_of(run, parse_price("1/h"), {}).per_thousand_stream_hours, 50, 1e-9);
}

TEST(CostOf, HasNoStreamsThatAreLate) {
  bench::Run run = hundred_a_second();
  run.load.streams = 10;
  run.found["late_share"] = 1;
  EXPECT_FALSE(cost_of(run, parse_price("1/h"), {}).per_thousand_stream_hours);
}

TEST(CostOf, NamesWhatItCounts) {
  bench::Run run = hundred_a_second();
  EXPECT_EQ(named_costs(cost_of(run, parse_price("1/h"), {})).front().first, "cost per million inferences");
  run.audio_s = 3600;
  EXPECT_EQ(named_costs(cost_of(run, parse_price("1/h"), {})).front().first, "cost per million tracks");
}

TEST(CostOf, OfARateThatWasOfferedSaysSo) {
  bench::Run run = hundred_a_second();
  EXPECT_FALSE(cost_of(run, parse_price("1/h"), {}).is_of_offered_rate);
  run.load.kind = "poisson";
  EXPECT_TRUE(cost_of(run, parse_price("1/h"), {}).is_of_offered_rate);
  run.target = "model net.onnx";
  const std::string text = costs_to_text({{"a.json", {{}, {run}}, parse_price("1/h")}}, {});
  test::expect_contains(text, "  model net.onnx");
  test::expect_contains(text, "at the rate that was offered");
  for (const char* highest : {"peak_rate_hz", "most_streams"}) {
    run.found = {{highest, 100}};
    EXPECT_FALSE(cost_of(run, parse_price("1/h"), {}).is_of_offered_rate) << highest;
  }
}

TEST(CostOf, RefusesImpossibleOptions) {
  for (const CostOptions options : {CostOptions{0, 1}, {745, 1}, {std::nan(""), 1}, {730, 0}, {730, 1.01}}) {
    expect_error(ErrorCode::invalid_argument, [&] { cost_of(bench::Run{}, parse_price("1/h"), options); });
  }
}

/// A result with one run, of a machine that costs 1 an hour.
PricedResult priced(const char* name, Run run) { return {name, {{}, {std::move(run)}}, parse_price("1/h")}; }

TEST(CostsOfTwo, AreRefusedWhereOneCountsInferencesAndOneTracks) {
  bench::Run tracks = hundred_a_second();
  tracks.audio_s = 3600;
  const std::string message = expect_error(ErrorCode::invalid_argument, [&] {
    costs_to_text({priced("a.json", hundred_a_second()), priced("b.json", tracks)}, {});
  });
  for (const char* part : {"a.json", "b.json", "inferences", "tracks"}) test::expect_contains(message, part);
}

TEST(CostsOfTwo, SayWhereTheyDidDifferentWork) {
  bench::Run base = hundred_a_second();
  bench::Run other = base;
  base.target = "model small.onnx";
  other.target = "model large.onnx";
  const std::string text = costs_to_text({priced("a.json", base), priced("b.json", other)}, {});
  test::expect_contains(text, "differ in target: model small.onnx, then model large.onnx");
  EXPECT_EQ(costs_to_text({priced("a.json", base), priced("b.json", base)}, {}).find("differ in"), std::string::npos);
}

TEST(CostsOfTwo, HaveNoBreakEvenOfARateThatWasOffered) {
  bench::Run offered = hundred_a_second();
  offered.load.kind = "poisson";
  const std::string text = costs_to_text({priced("a.json", hundred_a_second()), priced("b.json", offered)}, {});
  test::expect_contains(text, "the rates of b.json were offered, not the highest");
  EXPECT_EQ(text.find("pays at"), std::string::npos);
  offered.found["peak_rate_hz"] = 100;
  test::expect_contains(costs_to_text({priced("a.json", hundred_a_second()), priced("b.json", offered)}, {}),
                        "pays at no load");
}

TEST(CostsOfTwo, SayWhyNoRunStandsForAMachine) {
  bench::Run invalid = hundred_a_second();
  invalid.problems = {"the generator fell behind"};
  test::expect_contains(costs_to_text({priced("a.json", hundred_a_second()), priced("b.json", invalid)}, {}),
                        "no run of b.json can be trusted");
}

// Four machines of 100 a second cost more than one of 1000 at three times the price. A month of 730 hours has 2,628,000
// seconds.
TEST(CostsOfTwo, NameWhatALoadCounts) {
  bench::Run faster = hundred_a_second();
  faster.duration_s /= 10;
  const PricedResult large{"b.json", {{}, {faster}}, parse_price("3/h")};
  test::expect_contains(costs_to_text({priced("a.json", hundred_a_second()), large}, {}),
                        "b.json pays from 300 inferences/s (788 M inferences a month) on");
}

struct Kinds {
  Machines base;
  Machines other;
  std::optional<double> first;
  std::optional<double> always;
};

// By hand: what each load costs with whole machines.
TEST(BreakEven, IsWhereWholeMachinesCostLess) {
  for (const Kinds& kinds : {
           Kinds{{1, 100}, {3, 1000}, 300, 200},                   // four small ones against one large one
           Kinds{{3, 1000}, {1, 100}, 0, std::nullopt},            // small ones pay for little only
           Kinds{{2, 100}, {1, 100}, 0, 0},                        // cheaper for the same
           Kinds{{1, 100}, {2, 100}, std::nullopt, std::nullopt},  // dearer for the same
           Kinds{{1, 100}, {1, 100}, std::nullopt, std::nullopt},  // no difference
           Kinds{{2, 100}, {3, 160}, 100, 1300},  // the last load at which one machine more is needed too early
       }) {
    const BreakEven found = break_even(kinds.base, kinds.other);
    EXPECT_EQ(found.first, kinds.first) << kinds.base.per_hour << ' ' << kinds.other.per_hour;
    EXPECT_EQ(found.always, kinds.always) << kinds.base.per_hour << ' ' << kinds.other.per_hour;
  }
}

/// What a load costs by the definition.
double bill(const Machines& machines, double load) { return std::ceil(load / machines.rate) * machines.per_hour; }

TEST(BreakEven, AgreesWithTheBillOfManyLoads) {
  const Machines base{2, 100};
  const Machines other{3, 160};
  const BreakEven found = break_even(base, other);
  for (double load = 1; load < 5000; ++load) {
    if (load <= *found.first) {
      EXPECT_GE(bill(other, load), bill(base, load)) << load;
    }
    if (load > *found.always) {
      EXPECT_LE(bill(other, load), bill(base, load)) << load;
    }
  }
  EXPECT_LT(bill(other, *found.first + 1), bill(base, *found.first + 1));
  EXPECT_GT(bill(other, *found.always), bill(base, *found.always));
}

}  // namespace
}  // namespace vivace::bench
