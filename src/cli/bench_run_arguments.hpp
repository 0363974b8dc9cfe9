#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/cost.hpp"
#include "bench/experiment.hpp"
#include "vivace/placement.hpp"

namespace vivace::cli {

/// What `vivace bench run` was asked for, as it was typed.
struct BenchRunArguments {
  std::vector<std::string> target;  ///< a model, or "embed" or "separate" with files and folders
  std::string model;                ///< of a pipeline; empty: its default
  std::string interleaved;
  std::optional<std::size_t> slices;

  std::vector<std::string> shapes;
  std::string recorded;
  std::uint64_t seed = 0;

  std::string scenario;
  double poisson_hz = 0;
  double constant_hz = 0;
  double frame_rate_hz = 0;
  std::size_t streams = 0;
  bool finds_peak = false;
  double latency_bound_s = 0;
  double duration_s = 10;
  double warm_up_s = 10;

  std::string callers, batch, threads;  ///< lists: swept over where they have more than one value
  std::vector<std::string> sweeps;
  std::optional<std::size_t> workers, max_batch;
  std::optional<std::int64_t> max_delay_us;
  PlacementOptions placement;

  std::string output, csv, profile;
  std::string price;  ///< of the machine; empty: no costs
  bench::CostOptions cost;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

/// `arguments` must outlive the parse.
void add_bench_run_options(CLI::App& command, BenchRunArguments& arguments);

/// What that comes to. Throw Error(invalid_argument) for what contradicts itself.
bench::Experiment experiment_of(const BenchRunArguments& arguments);
std::vector<bench::Axis> axes_of(const BenchRunArguments& arguments);

}  // namespace vivace::cli
