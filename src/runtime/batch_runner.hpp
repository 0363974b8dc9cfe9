#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runtime/input_contract.hpp"
#include "runtime/request.hpp"
#include "runtime/session.hpp"

namespace vivace::runtime {

/// Memory of a run that the next run uses again.
struct RunWorkspace {
  /// An input or output of the run. Its elements are in `bytes`, in `strings`, or in memory of others.
  struct Part {
    ElementType type = ElementType::float32;
    Shape shape{};
    const void* elements = nullptr;
    Tensor bytes{};  ///< as many as were ever needed
    std::vector<std::string> strings{};
  };

  std::vector<Part> inputs{};
  std::vector<Part> outputs{};  ///< those that the requests want, in their order
  std::vector<InputTensor> bound_inputs{};
  std::vector<OutputTensor> bound_outputs{};
  Shape own_shape{};
};

/// Seconds that a run took, by stage; see RequestMetrics.
struct RunSeconds {
  double prepare = 0;
  double infer = 0;
  double copy_out = 0;
};

/// Runs requests together: joins their inputs, runs the session once, and gives each its part of the outputs. Safe from
/// many threads, each with a workspace of its own.
class BatchRunner {
 public:
  /// Both must outlive it.
  BatchRunner(const Session& session, const InputContract& contract) : session_(session), contract_(contract) {}

  /// Fills in the predictions of requests of one key. Outputs that they have, that fit and that nobody has a copy of
  /// are written over. A request that is alone can be stopped; a shared run ends by itself. Throws Error as
  /// Session::run, and model_mismatch where the model gives another number of rows than it took.
  RunSeconds run(std::span<const RequestPointer> requests, RunWorkspace& workspace);

 private:
  bool prepare(std::span<const RequestPointer> requests, std::size_t rows, RunWorkspace& workspace) const;
  bool can_bind(const Request& first, std::size_t rows, RunWorkspace& workspace) const;
  bool run_bound(Request& first, bool in_place, RunWorkspace& workspace) const;
  std::vector<Tensor> run_unbound(const Request& first, bool shared, const RunWorkspace& workspace) const;
  static void show_outputs(const std::vector<Tensor>& outputs, RunWorkspace& workspace);
  void check_rows(const Request& first, std::size_t rows, const RunWorkspace& workspace) const;
  void name_answers(std::span<const RequestPointer> requests) const;
  void split(std::span<const RequestPointer> requests, RunWorkspace& workspace) const;

  const Session& session_;
  const InputContract& contract_;
  std::atomic<bool> shapes_hold_ = true;  // false once the graph gave other shapes than it declares
};

}  // namespace vivace::runtime
