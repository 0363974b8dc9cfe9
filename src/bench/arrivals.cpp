#include "bench/arrivals.hpp"

#include <cmath>
#include <random>

namespace vivace::bench {
namespace {

/// Uniform in [0, 1), the same on every machine, unlike the distributions of the standard library.
double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

}  // namespace

std::vector<Arrival> poisson_arrivals(double rate_hz, double duration_s, std::uint64_t seed, std::size_t most) {
  std::mt19937_64 random(seed);
  std::vector<Arrival> arrivals;
  double time = 0;
  while (arrivals.size() < most) {
    time -= std::log1p(-uniform(random)) / rate_hz;
    if (time >= duration_s) break;
    arrivals.push_back({time, 0});
  }
  return arrivals;
}

std::vector<Arrival> constant_arrivals(double rate_hz, double duration_s, std::size_t most) {
  return frame_arrivals(1, rate_hz, duration_s, most);
}

std::vector<Arrival> frame_arrivals(std::size_t streams, double frame_rate_hz, double duration_s, std::size_t most) {
  const double rate_hz = frame_rate_hz * static_cast<double>(streams);
  std::vector<Arrival> arrivals;
  for (std::size_t i = 0; i < most; ++i) {
    const double time = static_cast<double>(i) / rate_hz;
    if (time >= duration_s) break;
    arrivals.push_back({time, static_cast<std::uint32_t>(i % streams)});
  }
  return arrivals;
}

std::vector<Arrival> arrivals_at_once(std::size_t count) { return std::vector<Arrival>(count); }

}  // namespace vivace::bench
