#include "bench/warm_up.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "bench/virtual_target.hpp"
#include "support/errors.hpp"

namespace vivace::bench {
namespace {

TEST(WarmUp, EndsWhenServiceTimesAreStable) {
  VirtualClock clock;
  std::size_t served = 0;
  const auto cooling = [&](std::size_t) { return 0.01 + std::exp2(-static_cast<double>(served++)); };
  FunctionTarget target(in_virtual_time(clock, cooling));
  const WarmUp warm = warm_up(target, {}, clock, {});
  EXPECT_NEAR(warm.first_s, 1.01, 1e-9);
  EXPECT_TRUE(warm.stable);
  EXPECT_NEAR(warm.service_s, 0.01, 0.001);
  EXPECT_LT(warm.duration_s, 3);
}

TEST(WarmUp, EndsAtItsLimitWhereTimesNeverAre) {
  VirtualClock clock;
  double service_s = 0.01;
  FunctionTarget target(in_virtual_time(clock, [&](std::size_t) { return service_s *= 1.05; }));
  WarmUpOptions options;
  options.limit_s = 3;
  const WarmUp warm = warm_up(target, options, clock, {});
  EXPECT_FALSE(warm.stable);
  EXPECT_GE(warm.duration_s, 3);
  EXPECT_LT(warm.duration_s, 5);
}

// At 0.1 s each, 50 inputs take 5 s: within 3 s there is the first request, and 30 further ones that begin anew.
TEST(WarmUp, EndsAtItsLimitWhereNotAllInputsWereSent) {
  VirtualClock clock;
  FunctionTarget target(in_virtual_time(clock, [](std::size_t) { return 0.1; }), 50);
  WarmUpOptions options;
  options.limit_s = 3;
  const WarmUp warm = warm_up(target, options, clock, {});
  EXPECT_NEAR(warm.duration_s, 3, 0.15);
  EXPECT_NEAR(static_cast<double>(warm.unseen), 20, 1);
  EXPECT_FALSE(warm.stable);
}

TEST(WarmUp, SendsEveryInput) {
  VirtualClock clock;
  std::vector<int> sent(50);
  FunctionTarget target(in_virtual_time(clock,
                                        [&](std::size_t index) {
                                          ++sent.at(index % sent.size());
                                          return 0.1;
                                        }),
                        sent.size());
  WarmUpOptions options;
  options.limit_s = 20;
  EXPECT_EQ(warm_up(target, options, clock, {}).unseen, 0U);
  for (const int count : sent) EXPECT_GE(count, 3);
}

TEST(WarmUp, ThrowsWhatTheFirstRequestThrows) {
  FunctionTarget target([](std::size_t, std::size_t) -> Answer { throw Error(ErrorCode::unavailable, "no"); });
  test::expect_error(ErrorCode::unavailable, [&] { warm_up(target, {}, machine_clock(), {}); });
}

std::vector<Sample> with_service_times(const std::vector<double>& seconds) {
  std::vector<Sample> samples;
  for (const double service : seconds) samples.push_back({0, 0, service, 1, 0, false});
  return samples;
}

TEST(Drift, IsTheRatioOfTheSlowestToTheFastestPart) {
  std::vector<double> seconds(100, 0.010);
  EXPECT_EQ(drift(with_service_times(seconds)), 1);
  for (std::size_t i = 60; i < 80; ++i) seconds[i] = 0.013;
  EXPECT_NEAR(drift(with_service_times(seconds)), 1.3, 1e-9);
  seconds.resize(99);
  EXPECT_EQ(drift(with_service_times(seconds)), 1);
}

}  // namespace
}  // namespace vivace::bench
