#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "runtime/trace.hpp"
#include "vivace/placement.hpp"
#include "vivace/tensor.hpp"
#include "vivace/tune.hpp"

namespace vivace::runtime {

/// One input or output of a graph, as the graph declares it.
struct TensorInfo {
  std::string name;
  std::string element_type;         ///< "float32", "float16", "int64", …
  std::vector<std::int64_t> shape;  ///< -1 where it is not fixed
  std::string rows_name{};          ///< the graph's name for the length of the first axis; empty where it has none
};

/// The nodes of a graph that one provider runs.
struct ProviderNodes {
  std::string provider;  ///< by the backend's own name, e.g. "CPUExecutionProvider"
  std::size_t count = 0;
  std::vector<std::string> nodes;  ///< "Conv (conv1)"; empty where all nodes of the graph are on this provider
};

struct SessionOptions {
  std::filesystem::path graph;
  PlacementOptions placement{};
  int intra_op_threads = 1;
  std::chrono::microseconds spin{0};           ///< how long threads of a run wait busily for its next operator
  TuneGoal goal = TuneGoal::throughput;        ///< whose tuned setting "auto" takes, where there is one
  std::filesystem::path profile = {};          ///< what the backend's profile of its runs begins with; empty: none
  std::filesystem::path optimized_graph = {};  ///< where to keep the graph as it is run; empty: nowhere
  /// Whether ONNX Runtime plans the memory of a run as one piece: faster for small graphs, more memory for large ones.
  bool memory_pattern = true;
  std::size_t arena_limit_bytes = 0;  ///< of the process; see EngineOptions
  bool inherits_scheduling = false;   ///< whether the threads of its runs must have the opening thread's cores and nice

  bool operator==(const SessionOptions&) const = default;
};

/// A named float32 tensor in the caller's memory, row-major. `shape` multiplies to `values.size()`.
template <typename T>
struct FloatTensor {
  const char* name = nullptr;
  std::span<T> values;
  std::span<const std::int64_t> shape;
};
using InputTensor = FloatTensor<const float>;
using OutputTensor = FloatTensor<float>;

/// What a backend's memory for runs has come to; that of all sessions of the process where they share it.
struct BackendMemory {
  std::uint64_t allocations = 0;
  std::size_t bytes_in_use = 0;
  std::size_t most_bytes_in_use = 0;
};

/// One loaded graph on one placement. `run` may be called from many threads at the same time.
class Session {
 public:
  virtual ~Session() = default;
  virtual const std::vector<TensorInfo>& inputs() const = 0;
  virtual const std::vector<TensorInfo>& outputs() const = 0;
  /// Where it runs, e.g. "onnxruntime/cpu", with the precision where that is not the graph's: "openvino/cpu bf16".
  virtual const std::string& placement() const = 0;
  /// Runs the graph from the caller's memory into the caller's memory; only the named outputs are computed.
  /// Throws Error: model_mismatch (names, types or shapes do not fit), resource_exhausted (memory), internal.
  virtual void run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const = 0;

  /// Runs the graph on tensors of any type and returns the named outputs, in memory of the backend. A run under way
  /// ends soon after `stop` is requested. Throws Error as above, and cancelled.
  virtual std::vector<Tensor> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                  const std::stop_token& stop) const = 0;

  /// Ends what SessionOptions::profile began; nothing where the backend writes no profile.
  virtual std::optional<BackendProfile> end_profile() const { return std::nullopt; }

  /// What is known of its memory for runs; zeros where nothing is.
  virtual BackendMemory memory() const { return {}; }

  /// Lets the next run give back the memory that it does not need itself, where the backend keeps some.
  virtual void shrink_after_next_run() const {}

  /// Which provider runs which node, after the backend's own optimizations. May load the graph once more. Empty where
  /// the backend does not tell. Throws Error.
  virtual std::vector<ProviderNodes> nodes() const = 0;
};

/// Opens a graph on the first candidate (see placement.hpp) that accepts it.
/// Throws Error: not_found, invalid_argument (no regular file), model_mismatch (not a graph that can be loaded),
/// unavailable (no candidate accepts; says why).
std::unique_ptr<Session> open_session(const SessionOptions& options);

}  // namespace vivace::runtime
