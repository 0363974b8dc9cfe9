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
  std::vector<Tensor> results{};  ///< in memory of the backend, where it was not given any
  std::size_t rows = 0;
  bool alone = false;  ///< whether the inputs are those of the only request as they are
  Shape own_shape{};
};

/// Runs requests of one key together, in three steps with the same requests and workspace. Outputs that their
/// predictions have, that fit and that nobody has a copy of are written over. Safe from many threads, each with a
/// workspace of its own.
class BatchRunner {
 public:
  /// `contract` must outlive it.
  explicit BatchRunner(const InputContract& contract);

  /// Joins the inputs of the requests.
  void join(std::span<const RequestPointer> requests, RunWorkspace& workspace) const;

  /// Runs the session once. A request that is alone can be stopped; a shared run ends by itself. Throws Error as
  /// Session::run, and model_mismatch where the model gives another number of rows than it took.
  void infer(const Session& session, std::span<const RequestPointer> requests, RunWorkspace& workspace);

  /// Gives each request its part of the outputs.
  void split(std::span<const RequestPointer> requests, RunWorkspace& workspace) const;

  /// How many outputs had another number of rows than a run took, also one of a request that was alone, so that what
  /// requests share cannot be split. Only found out where requests may share runs.
  std::size_t outputs_with_other_rows() const { return other_rows_.load(std::memory_order_relaxed); }
  /// Whether a request wants one of them.
  bool gives_other_rows(const Request& request) const;

 private:
  /// What outputs have, compared with inputs.
  enum class Rows { unknown, same, other };

  void learn_rows(const Request& first, const RunWorkspace& workspace);
  bool can_bind(const Request& first, RunWorkspace& workspace) const;
  bool run_bound(const Session& session, Request& first, RunWorkspace& workspace) const;
  std::vector<Tensor> run_unbound(const Session& session, const Request& first, bool shared,
                                  const RunWorkspace& workspace) const;
  static void show_results(RunWorkspace& workspace);
  void check_rows(const Request& first, const RunWorkspace& workspace) const;
  void name_answers(std::span<const RequestPointer> requests) const;
  void copy_parts(std::span<const RequestPointer> requests, RunWorkspace& workspace) const;

  const InputContract& contract_;
  std::atomic<bool> shapes_hold_ = true;  // false once the graph gave other shapes than it declares
  std::vector<std::atomic<Rows>> rows_;   // an output each
  std::atomic<std::size_t> other_rows_ = 0;
};

}  // namespace vivace::runtime
