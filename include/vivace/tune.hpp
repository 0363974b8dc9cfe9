#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vivace/placement.hpp"
#include "vivace/tensor.hpp"

namespace vivace {

/// What a model is tuned for.
enum class TuneGoal {
  throughput,  ///< the most rows a second
  latency,     ///< the shortest time of one run of as few rows as the graph takes
};

/// One way to run a model.
struct TunedSetting {
  std::string backend;
  std::string provider;
  std::string precision;
  std::string layout;        ///< see PlacementOptions::layout
  std::size_t intra_op = 1;  ///< threads of one run
  std::size_t workers = 1;   ///< runs at a time
  std::size_t batch = 1;     ///< rows of one run

  bool operator==(const TunedSetting&) const = default;
};

/// "onnxruntime/cpu fp32 blocked, 2 workers x 1 thread, batch 8".
std::string to_text(const TunedSetting& setting);

/// A setting that was measured, or could not be.
struct TuneTrial {
  TunedSetting setting{};
  double rows_per_s = 0;   ///< the median over its turns; 0 where it did not run
  double latency_s = 0;    ///< of one run: the median over its turns
  std::size_t turns = 0;   ///< how often it was measured; those that were clearly slower were given up early
  std::string problem{};   ///< why it did not run, or was not measured to the end; else empty
  bool unreached = false;  ///< the budget was used up before its first turn
};

struct TuneOptions {
  std::filesystem::path graph;
  /// The inputs of a run of so many rows.
  std::function<std::vector<NamedTensor>(std::size_t rows)> inputs;
  TuneGoal goal = TuneGoal::throughput;
  double budget_s = 60;                              ///< for all measurements, 0.1 … 86400
  bool exhaustive = false;                           ///< no setting drops out before the budget is used
  std::vector<std::size_t> batches{1, 2, 4, 8, 16};  ///< numbers of rows to try; for latency the smallest
  PlacementOptions placement{};                      ///< what is not "auto" in it is not varied
  /// How alike the outputs of a lower precision must be to those of fp32 (the cosine of all values) for it to be
  /// chosen; nothing: only fp32 is tried.
  std::optional<double> least_cosine{};
  std::stop_token stop{};
};

struct TuneResult {
  TunedSetting best;
  std::vector<TuneTrial> trials;  ///< best first
};

/// Measures how a model runs best on this machine. All settings take turns, so that a machine that becomes slower
/// slows all alike; those that are clearly slower drop out. The best has the highest median of rows a second (the
/// lowest of the time of a run); among those within 1 % of it the one with the smallest batch is taken, then the one
/// with the fewest threads. Throws Error: not_found, model_mismatch, invalid_argument (options, inputs that
/// the model does not take), cancelled, unavailable (no setting runs). `observe` is told after each turn how much of
/// the budget is used (0 … 1).
TuneResult tune(const TuneOptions& options, const std::function<void(double)>& observe = {});

/// Keeps the best setting for later sessions of the same graph with `placement` at "auto": for this machine and these
/// versions of the libraries. False where the user's cache folder cannot be written. Throws Error: invalid_argument (a
/// backend, provider or precision that there is not, or a number out of range), and for the graph's file as `tune`.
bool keep_tuned(const std::filesystem::path& graph, TuneGoal goal, const TunedSetting& setting);

/// The setting that was kept; nothing where there is none for this graph, machine and library.
std::optional<TunedSetting> find_tuned(const std::filesystem::path& graph, TuneGoal goal);

}  // namespace vivace
