#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vivace::bench {

/// When a load means to send a request, in seconds since its begin, and for which stream.
struct Arrival {
  double time_s = 0;
  std::uint32_t stream = 0;
};

// All of these give at most `most` arrivals, in the order of their times, from 0 up to but without `duration_s`.

/// Independent of each other: gaps are exponential with the mean 1 / `rate_hz`. The same seed gives the same arrivals
/// on every machine.
std::vector<Arrival> poisson_arrivals(double rate_hz, double duration_s, std::uint64_t seed, std::size_t most);

/// Evenly spaced, the first at 0.
std::vector<Arrival> constant_arrivals(double rate_hz, double duration_s, std::size_t most);

/// The frames of `streams` streams, each with `frame_rate_hz`. Streams begin one after another within the time of one
/// frame, so that their frames do not come at once.
std::vector<Arrival> frame_arrivals(std::size_t streams, double frame_rate_hz, double duration_s, std::size_t most);

/// `count` at once, at 0.
std::vector<Arrival> arrivals_at_once(std::size_t count);

}  // namespace vivace::bench
