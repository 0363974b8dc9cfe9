#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include "bench/result.hpp"

namespace vivace::test {

/// Noise whose next value remembers the one before: AR(1) with unit variance; independent values for a memory of 0.
class Noise {
 public:
  Noise(std::uint64_t seed, double memory) : generator_(seed), memory_(memory), last_(normal()) {}

  double next() { return last_ = memory_ * last_ + std::sqrt(1 - memory_ * memory_) * normal(); }

 private:
  /// Box and Muller's transform, so that every standard library draws the same.
  double normal() {
    constexpr double kStep = 0x1p-53;
    const double radius = static_cast<double>((generator_() >> 11U) + 1) * kStep;
    const double turn = static_cast<double>(generator_() >> 11U) * kStep;
    return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * turn);
  }

  std::mt19937_64 generator_;
  double memory_;
  double last_;
};

struct Simulation {
  std::uint64_t seed = 1;
  std::size_t requests = 3000;
  double median_s = 1e-3;
  double spread = 0.2;  ///< standard deviation of the logarithm of service times
  double memory = 0;    ///< correlation of a request's logarithm with that of the one before
  double slowdown = 1;  ///< of a second regime, that the machine is in half of the time; 1: there is none
  double spell = 0;     ///< requests until the regime changes, in the mean; their number is random
};

/// By what a regime multiplies the next service time. Each request may be the last of its spell.
class Regime {
 public:
  explicit Regime(const Simulation& simulation)
      : generator_(~simulation.seed),
        slowdown_(simulation.slowdown),
        change_(simulation.spell > 0 ? 1 / simulation.spell : 0),
        is_slow_(uniform() < 0.5) {}

  double next() {
    if (uniform() < change_) is_slow_ = !is_slow_;
    return is_slow_ ? slowdown_ : 1;
  }

 private:
  double uniform() { return static_cast<double>(generator_() >> 11U) * 0x1p-53; }

  std::mt19937_64 generator_;
  double slowdown_;
  double change_;
  bool is_slow_;
};

/// One caller that sends its next request with the answer to the last: service times are log-normal.
inline bench::Run simulated_run(const Simulation& simulation) {
  bench::Run run;
  run.name = "c=1";
  run.target = "model net.onnx";
  run.load.concurrency = 1;
  Noise noise(simulation.seed, simulation.memory);
  Regime regime(simulation);
  double now = 0;
  for (std::size_t i = 0; i < simulation.requests; ++i) {
    const double service = simulation.median_s * regime.next() * std::exp(simulation.spread * noise.next());
    run.samples.push_back({now, now, now + service, 1, 0, false});
    now += service;
  }
  run.duration_s = now;
  return run;
}

}  // namespace vivace::test
