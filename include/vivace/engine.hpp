#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "vivace/error.hpp"
#include "vivace/placement.hpp"
#include "vivace/tensor.hpp"

namespace vivace {

/// What a request that finds the queue full gets.
enum class WhenFull {
  wait,         ///< its caller waits for room
  reject,       ///< it fails with resource_exhausted
  drop_oldest,  ///< the request that has waited longest fails with resource_exhausted and makes room
};

struct EngineOptions {
  std::filesystem::path model;  ///< an ONNX file
  PlacementOptions placement{};
  int intra_op_threads = 1;  ///< of one run, the caller among them; at least 1
  std::size_t workers = 1;   ///< how many runs are under way at a time; 0: as many as there are usable cores
  /// The most rows (of the first axis of every input) in one run; requests are merged up to it. 1: never merged. Where
  /// the graph takes one number of rows and no other, runs have that number at most and are filled up with zeros.
  std::size_t max_batch = 1;
  /// Numbers of rows that the model runs best with. Where more wait than the largest that is reached, the rest waits
  /// for the next run. Empty: runs take what there is.
  std::vector<std::size_t> preferred_batches{};
  /// How long a request waits for others to share its run.
  std::chrono::microseconds max_delay{0};
  std::size_t queue_capacity = 1024;  ///< requests that may wait, at least 1
  WhenFull when_full = WhenFull::wait;
};

/// What a request says beside its inputs.
struct RequestOptions {
  using Clock = std::chrono::steady_clock;

  std::vector<std::string> outputs{};           ///< which are computed, in this order; empty: all
  int priority = 0;                             ///< the higher goes first; the same: in the order of their coming
  std::optional<Clock::time_point> deadline{};  ///< it fails with cancelled where it has not begun by then
  std::stop_token stop{};                       ///< it fails with cancelled, also while it runs alone
};

/// How a request went.
struct RequestMetrics {
  double queue_s = 0;     ///< from its coming to the begin of its run
  double run_s = 0;       ///< of the run that it was part of
  std::size_t rows = 0;   ///< of its own
  std::size_t batch = 0;  ///< rows in its run
};

struct Prediction {
  std::vector<NamedTensor> outputs;
  RequestMetrics metrics;

  /// An output by name. Throws Error(invalid_argument) where there is none.
  const Tensor& output(std::string_view name) const;
};

/// A distribution of seconds; quantiles are within 1 % of the truth.
struct Distribution {
  std::uint64_t count = 0;
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double p999 = 0;
};

/// What an engine has done so far.
struct EngineMetrics {
  std::uint64_t requests = 0;                     ///< answered, failed ones among them
  std::map<std::string, std::uint64_t> failures;  ///< by the name of their code
  std::uint64_t rows = 0;                         ///< predicted
  std::map<std::size_t, std::uint64_t> batches;   ///< runs by their number of rows
  std::size_t waiting = 0;                        ///< requests in the queue now
  Distribution queue_s;
  Distribution run_s;
  Distribution total_s;
  double load_s = 0;  ///< loading the model took
};

/// The same in Prometheus's text format, metrics named `vivace_engine_…`, with the label `model`.
std::string to_prometheus(const EngineMetrics& metrics, std::string_view model);

/// An input or output of a model.
struct TensorDescription {
  std::string name;
  std::string type;  ///< "float32", …
  Shape shape;       ///< -1 where the length is free
};

/// Runs an ONNX model for many callers: requests are queued, merged along the first axis where `max_batch` allows it,
/// run on `workers` threads, and split again. Requests of different shapes (but for the first axis) or types never
/// share a run and never wait for each other. All members are safe from many threads; the destructor ends what is under
/// way and fails what waits with cancelled.
class Engine {
 public:
  using Inputs = std::vector<NamedTensor>;
  /// Takes the prediction, or why there is none. Called on a worker, or for a request that is dropped from a full queue
  /// on the thread whose request takes its place; must not throw.
  using Callback = std::function<void(Prediction prediction, std::optional<Error> error)>;

  /// Loads the model. Throws Error: not_found, model_mismatch (no graph, or max_batch above 1 for a graph whose first
  /// axes are neither all free nor all of one length), unavailable (nothing here can run it), invalid_argument (options
  /// out of range), resource_exhausted (too few threads can be started).
  explicit Engine(const EngineOptions& options);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  const std::vector<TensorDescription>& inputs() const;
  const std::vector<TensorDescription>& outputs() const;

  /// Predicts and waits for the answer. With `max_batch` 1 the caller's own thread runs the model.
  /// Throws Error: invalid_argument (names, types or shapes that the model does not take, no rows), cancelled
  /// (deadline, stop, the engine's end), resource_exhausted (queue, memory), internal.
  Prediction predict(Inputs inputs, RequestOptions options = {});

  /// Predicts on a worker. The future throws as `predict`; what is wrong with the inputs is thrown at once.
  std::future<Prediction> submit(Inputs inputs, RequestOptions options = {});
  void submit(Inputs inputs, RequestOptions options, Callback callback);

  /// One request each, in their order; futures throw as `predict`.
  std::vector<std::future<Prediction>> predict_batch(std::vector<Inputs> requests, const RequestOptions& options = {});

  EngineMetrics metrics() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivace
