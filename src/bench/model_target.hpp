#pragma once

#include <memory>

#include "bench/model_inputs.hpp"
#include "bench/target.hpp"
#include "vivace/engine.hpp"

namespace vivace::bench {

struct ModelTargetOptions {
  std::string name;  ///< as the user named the model
  /// A model, by name, folder or graph, whose manifest says what graph is run and what rows and shapes its inputs have.
  /// Empty: the engine's options and the graph alone do.
  std::string installed{};
  EngineOptions engine{};
  InputOptions inputs{};
  /// Whether requests go through the queue of the engine and its workers. Otherwise, and where nothing is merged, each
  /// runs on the thread that sends it.
  bool queued = false;
};

/// A model behind vivace::Engine; its items are rows, its stages those of RequestMetrics. Throws as Engine's
/// constructor and as random_requests or recorded_requests.
std::unique_ptr<Target> open_model_target(const ModelTargetOptions& options);

}  // namespace vivace::bench
