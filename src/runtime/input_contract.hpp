#pragma once

#include <cstddef>
#include <vector>

#include "runtime/request.hpp"
#include "runtime/session.hpp"

namespace vivace::runtime {

/// What a model takes and gives, and how requests for it can share runs. Immutable.
class InputContract {
 public:
  /// Throws Error: model_mismatch (`max_batch` above 1, and the first axes are neither all free nor all of one length),
  /// invalid_argument (buckets that do not fit the model).
  InputContract(const Session& session, const EngineOptions& options);

  const std::vector<TensorDescription>& inputs() const { return inputs_; }
  const std::vector<TensorDescription>& outputs() const { return outputs_; }
  /// Whether requests may share runs.
  bool merges() const { return max_batch_ > 1; }
  /// The number of rows that every run has to have; 0: any.
  std::size_t fixed_rows() const { return fixed_rows_; }
  /// Whether the graph says that its outputs have as many rows as its inputs.
  bool promises_rows() const { return rows_are_named_ || fixed_rows_ > 0; }
  /// The most rows of requests that share a run.
  std::size_t max_rows() const;

  /// Checks inputs and options, and fills in what of the request follows from them. `inputs` must outlive the request.
  /// Throws Error(invalid_argument): names, types, shapes, rows, or values that are not finite where they must be.
  void admit(const Engine::Inputs& inputs, const RequestOptions& options, Request& request) const;

  /// Sets `shape` to that in which the request's input goes into a run of `rows` rows: filled up where there is a
  /// bucket.
  void set_run_shape(const Request& request, std::size_t input, std::size_t rows, Shape& shape) const;

  /// Sets `shape` to that of an output of a run of `rows` rows; false where the model does not say it beforehand.
  bool set_output_shape(std::size_t output, std::size_t rows, Shape& shape) const;

  /// What the input is filled up with.
  double fill_value(std::size_t input) const;

  /// Turns the shape of a run's output into that of the request's own part: its rows, and its length along cut axes.
  void cut_to_own(const Request& request, std::size_t output, Shape& shape) const;

 private:
  struct Bucket {
    std::size_t input = 0;
    std::size_t axis = 1;
    std::vector<std::int64_t> lengths{};
    double value = 0;
  };
  struct Cut {
    std::size_t output = 0;
    std::size_t axis = 1;
    std::size_t input = 0;
    std::size_t input_axis = 1;
  };

  void add_bucket(const ShapeBucket& wanted);
  TensorDescription taken(std::size_t input) const;
  std::int64_t filled_length(std::size_t input, std::size_t axis, std::int64_t length) const;
  void settle_outputs(const std::vector<std::string>& wanted, Request& request) const;
  void settle_rows(Request& request) const;
  void settle_key(Request& request) const;

  std::vector<TensorDescription> inputs_;
  std::vector<TensorDescription> outputs_;
  std::size_t max_batch_;
  bool finite_only_;
  std::size_t fixed_rows_;
  bool rows_are_named_;  // alike in all inputs and outputs
  std::vector<Bucket> buckets_;
  std::vector<Cut> cuts_;
};

/// What the library tells of tensors.
std::vector<TensorDescription> described(const std::vector<TensorInfo>& tensors);

/// Whether every element is a finite number; true for types that are no floats.
bool all_finite(const Tensor& tensor);

}  // namespace vivace::runtime
