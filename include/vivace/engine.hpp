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
#include "vivace/isolation.hpp"
#include "vivace/placement.hpp"
#include "vivace/tensor.hpp"
#include "vivace/threads.hpp"

namespace vivace {

/// What a request that finds the queue full gets.
enum class WhenFull {
  wait,         ///< its caller waits for room
  reject,       ///< it fails with resource_exhausted
  drop_oldest,  ///< the request that has waited longest fails with resource_exhausted and makes room
};

/// How long a run that is not full waits for more requests.
enum class BatchWindow {
  fixed,       ///< until its first request has waited `max_delay`
  predictive,  ///< `max_delay` at most, and only while the time between requests and the measured cost of a run
               ///< (a + b·rows) say that all are answered sooner for it
};

/// An axis of an output that is as long as the filled up axis of an input, and is cut back with it.
struct CutAxis {
  std::string output;
  std::size_t axis = 1;
};

/// An axis along which an input is filled up, so that requests of different lengths share runs. Answers are those of
/// the filled up inputs: that they do not depend on what is added is for the model, often by a mask, to see to.
struct ShapeBucket {
  static constexpr std::int64_t kLongest = std::int64_t{1} << 30;

  std::string input;
  std::size_t axis = 1;  ///< not the first, which is 0
  /// Ascending, `kLongest` at most. An input is filled up to the next that is not below its own length; longer ones are
  /// left as they are.
  std::vector<std::int64_t> lengths{};
  double value = 0;  ///< what is added, as a number of the input's type
  std::vector<CutAxis> cut{};
};

struct EngineOptions {
  static constexpr std::size_t kMostRows = 65536;  ///< of one run

  std::filesystem::path model;  ///< an ONNX file
  PlacementOptions placement{};
  ThreadOptions threads{};
  /// The most rows (of the first axis of every input) in one run; requests are merged up to it. 1: never merged. Where
  /// the graph takes one number of rows and no other, runs have that number at most and are filled up with zeros. Where
  /// it turns out to give another number of rows than it takes, requests for such outputs run alone from then on.
  std::size_t max_batch = 1;
  /// Numbers of rows that the model runs best with. Where more wait than the largest that is reached, the rest waits
  /// for the next run. Empty: runs take what there is.
  std::vector<std::size_t> preferred_batches{};
  /// How long a request waits for others to share its run, up to 1 hour; less where its deadline is nearer.
  std::chrono::microseconds max_delay{0};
  BatchWindow window = BatchWindow::fixed;
  std::vector<ShapeBucket> buckets{};  ///< one an input and axis
  std::size_t queue_capacity = 1024;   ///< requests that may wait, at least 1
  WhenFull when_full = WhenFull::wait;
  /// Whether a request fails where its inputs (invalid_argument) or outputs (corrupt_data) hold NaN or infinity.
  bool finite_only = false;
  /// The most memory that the loaded model may take: an estimate is checked before it is loaded; afterwards what it
  /// took, with the inputs and outputs of its runs at `max_batch` rows as far as their shapes are known. 0: any. Worker
  /// processes have a limit of their own, see `isolation`.
  std::size_t memory_limit_bytes = 0;
  /// The most memory that ONNX Runtime's arena may hold, weights and runs: a model or run that needs more fails with
  /// resource_exhausted. All engines of a process share the arena: the first of those that live settles its limit, one
  /// with another limit is refused, and the last takes the arena along. With `isolation` each worker process has its
  /// own. 0: as it is, at first any.
  std::size_t arena_limit_bytes = 0;
  /// Where a trace of all runs is written when the engine goes, for Chrome's viewer or Perfetto: its stages, with what
  /// the backend writes of its own. Refused where it cannot be written; what fails later is logged. Empty: nowhere.
  std::filesystem::path trace{};
  IsolationOptions isolation{};  ///< whether the model runs in this process or in processes of its own
};

/// What a request says beside its inputs.
struct RequestOptions {
  using Clock = std::chrono::steady_clock;

  std::vector<std::string> outputs{};           ///< which are computed, in this order; empty: all
  int priority = 0;                             ///< the higher goes first; the same: in the order of their coming
  std::optional<Clock::time_point> deadline{};  ///< it fails with cancelled where it has not begun by then
  std::stop_token stop{};                       ///< it fails with cancelled, also while it runs alone
};

/// How a request went. What a run takes is told of every request in it.
struct RequestMetrics {
  double queue_s = 0;     ///< waiting, from its coming to the begin of its run
  double prepare_s = 0;   ///< joining and filling up inputs
  double infer_s = 0;     ///< running the model
  double copy_out_s = 0;  ///< splitting outputs
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
  /// Runs by their number of rows; above 64, by the next power of two.
  std::map<std::size_t, std::uint64_t> batches;
  std::size_t waiting = 0;  ///< requests in the queue now
  Distribution queue_s;     ///< stages: see RequestMetrics
  Distribution prepare_s;
  Distribution infer_s;
  Distribution copy_out_s;
  Distribution total_s;
  double load_s = 0;               ///< loading the model took
  double first_run_s = 0;          ///< the first run took; 0 before it
  double up_s = 0;                 ///< since the model was loaded
  double rows_per_s = 0;           ///< over that time
  std::size_t resident_bytes = 0;  ///< of the whole process now
  /// Of the backend's memory for runs, which all its sessions in this process share, or of all worker processes; 0
  /// where it does not tell.
  std::uint64_t backend_allocations = 0;
  std::size_t backend_bytes = 0;          ///< in use now
  std::size_t backend_most_bytes = 0;     ///< the most that were in use
  std::size_t worker_processes = 0;       ///< that are ready or run something, with `isolation`
  std::size_t worker_resident_bytes = 0;  ///< of these together now; pages that they share count for each
  std::uint64_t worker_restarts = 0;      ///< how often one was started again
};

/// The same in Prometheus's text format, metrics named `vivace_engine_…`, with the label `model`.
std::string to_prometheus(const EngineMetrics& metrics, std::string_view model);

/// What an engine has done, and what its label `model` says.
struct ModelMetrics {
  std::string model;
  EngineMetrics metrics;
};

/// Of several engines on one page: pages of one engine each must not be joined, as every metric may be there once only.
/// Throws Error(invalid_argument) where two have the same label.
std::string to_prometheus(const std::vector<ModelMetrics>& engines);

/// An input or output of a model.
struct TensorDescription {
  std::string name;
  std::string type;  ///< "float32", …
  Shape shape;       ///< -1 where the length is free
};

/// Runs an ONNX model for many callers: requests are queued, merged along the first axis where `max_batch` allows it,
/// run on workers, and split again. Requests of different shapes (but for the first axis) or types never
/// share a run and never wait for each other. All members are safe from many threads; the destructor waits for the runs
/// under way (with `isolation` for `stop_grace` at most) and for callers that are inside, and fails what waits with
/// cancelled.
class Engine {
 public:
  using Inputs = std::vector<NamedTensor>;
  /// Takes the prediction, or why there is none. Called on a worker; for a request that a full queue refuses, on the
  /// thread that submits it, and for one that it drops, on the thread whose request takes its place. No lock is held.
  /// It must not wait for another request of the engine (`predict`, a future, or `submit` into a full queue with
  /// WhenFull::wait), as its own thread may be the one to answer it, and must not destroy the engine. Other calls are
  /// allowed. It should not throw: that is logged, and nothing else comes of it.
  using Callback = std::function<void(Prediction prediction, std::optional<Error> error)>;

  /// Loads the model. Throws Error: not_found, model_mismatch (no graph, or max_batch above 1 for a graph whose first
  /// axes are neither all free nor all of one length), unavailable (nothing here can run it), invalid_argument (options
  /// out of range, a model that is no regular file), resource_exhausted (too few threads or processes can be started,
  /// or `memory_limit_bytes`).
  explicit Engine(const EngineOptions& options);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  const std::vector<TensorDescription>& inputs() const;
  const std::vector<TensorDescription>& outputs() const;
  /// Where the model runs, e.g. "onnxruntime/cpu".
  const std::string& placement() const;

  /// Predicts and waits for the answer. With `max_batch` 1 the caller's own thread runs the model.
  /// Throws Error: invalid_argument (names, types or shapes that the model does not take, no rows), cancelled
  /// (deadline, stop, the engine's end), resource_exhausted (queue, memory), unavailable (with `isolation`: its worker
  /// process ended), corrupt_data (`finite_only`), internal.
  Prediction predict(const Inputs& inputs, const RequestOptions& options = {});

  /// The same into a prediction that was used before: outputs that still fit, and that nobody has a copy of, are
  /// written over. With a model of float32 tensors, and without a stop token, this allocates nothing.
  void predict(const Inputs& inputs, Prediction& prediction, const RequestOptions& options = {});

  /// Predicts on a worker. The future throws as `predict`, and the callback gets the error; what is wrong with the
  /// inputs is thrown at once.
  std::future<Prediction> submit(Inputs inputs, const RequestOptions& options = {});
  void submit(Inputs inputs, const RequestOptions& options, Callback callback);

  /// One request each, in their order; futures throw as `predict`, also where inputs are wrong, which fails no other.
  std::vector<std::future<Prediction>> predict_batch(std::vector<Inputs> requests, const RequestOptions& options = {});

  EngineMetrics metrics() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivace
