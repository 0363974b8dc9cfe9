#include "runtime/input_contract.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "runtime/element_names.hpp"
#include "runtime/shape_fit.hpp"
#include "runtime/tensor_copy.hpp"

namespace vivace::runtime {
namespace {

/// The length of the first axis of all tensors, along which requests are joined; 0 where it is free. Throws where they
/// differ.
std::size_t common_rows(std::vector<TensorDescription> tensors, const std::vector<TensorDescription>& more) {
  tensors.insert(tensors.end(), more.begin(), more.end());
  const std::int64_t rows = tensors.front().shape.empty() ? 0 : tensors.front().shape.front();
  for (const TensorDescription& tensor : tensors) {
    if (!tensor.shape.empty() && tensor.shape.front() == rows && rows != 0) continue;
    throw Error(
        ErrorCode::model_mismatch, "tensor '" + tensor.name + "'",
        fmt::format("is {}; max_batch above 1 needs the same first axis, best a free one, in every input and output",
                    to_text(tensor.shape)));
  }
  return rows < 0 ? 0 : static_cast<std::size_t>(rows);
}

/// Whether the graph gives the first axis of all inputs and outputs the same name, so that all are of one length.
bool rows_have_one_name(const Session& session) {
  const std::string name = session.inputs().empty() ? "" : session.inputs().front().rows_name;
  const auto has_name = [&](const TensorInfo& tensor) { return tensor.rows_name == name; };
  return !name.empty() && std::all_of(session.inputs().begin(), session.inputs().end(), has_name) &&
         std::all_of(session.outputs().begin(), session.outputs().end(), has_name);
}

std::string names_of(const std::vector<TensorDescription>& tensors) {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const TensorDescription& tensor : tensors) names.push_back(tensor.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The place of a tensor by its name; the number of tensors where there is none.
std::size_t place_of(const std::vector<TensorDescription>& tensors, const std::string& name) {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const TensorDescription& t) { return t.name == name; });
  return static_cast<std::size_t>(found - tensors.begin());
}

/// The names of tensors that are not among those described.
std::vector<std::string> unknown_of(const Engine::Inputs& given, const std::vector<TensorDescription>& known) {
  std::vector<std::string> unknown;
  for (const NamedTensor& tensor : given) {
    if (place_of(known, tensor.name) == known.size()) unknown.push_back(tensor.name);
  }
  return unknown;
}

std::string but_not(const std::vector<std::string>& names) {
  return names.empty() ? "" : fmt::format(", not '{}'", fmt::join(names, "', '"));
}

std::size_t rows_of(const Tensor& tensor) {
  return tensor.shape().empty() ? 1 : static_cast<std::size_t>(tensor.shape().front());
}

[[noreturn]] void refuse(const ShapeBucket& bucket, const std::string& why) {
  throw Error(ErrorCode::invalid_argument, fmt::format("bucket of '{}'", bucket.input), why);
}

/// Throws where an input cannot be filled up as the bucket says.
void require_fit(const ShapeBucket& bucket, const TensorDescription& input) {
  const Shape& shape = input.shape;
  const std::vector<std::int64_t>& lengths = bucket.lengths;
  if (bucket.axis == 0 || bucket.axis >= shape.size()) {
    refuse(bucket, fmt::format("axis {} is not one of {} but the first", bucket.axis, to_text(shape)));
  }
  if (shape[bucket.axis] >= 0) refuse(bucket, fmt::format("axis {} of {} is not free", bucket.axis, to_text(shape)));
  if (input.type == "string") refuse(bucket, "strings cannot be filled up");
  const auto type = element_type_named(input.type);
  if (!type || !can_hold(*type, bucket.value)) {
    refuse(bucket, fmt::format("{} is not a value of {}", bucket.value, input.type));
  }
  const bool ascends = std::adjacent_find(lengths.begin(), lengths.end(), std::greater_equal<>()) == lengths.end();
  if (lengths.empty() || lengths.front() < 1 || !ascends) {
    refuse(bucket, fmt::format("lengths are {}; they must be at least 1, ascending", to_text(lengths)));
  }
  if (lengths.back() <= ShapeBucket::kLongest) return;
  refuse(bucket, fmt::format("length {} is above {}", lengths.back(), ShapeBucket::kLongest));
}

/// Throws where an output cannot be cut as the bucket says.
void require_fit(const ShapeBucket& bucket, const CutAxis& cut, const TensorDescription& output) {
  if (output.type == "string") refuse(bucket, fmt::format("output '{}' holds strings", cut.output));
  if (cut.axis > 0 && cut.axis < output.shape.size()) return;
  refuse(bucket, fmt::format("axis {} of output '{}' is not one of {} but the first", cut.axis, cut.output,
                             to_text(output.shape)));
}

template <typename T>
bool all_finite_values(const Tensor& tensor) {
  const auto values = tensor.values<T>();
  return std::all_of(values.begin(), values.end(), [](T value) {
    if constexpr (std::is_floating_point_v<T>) {
      return std::isfinite(value);
    } else {
      return std::isfinite(to_float(value));
    }
  });
}

}  // namespace

std::vector<TensorDescription> described(const std::vector<TensorInfo>& tensors) {
  std::vector<TensorDescription> descriptions;
  descriptions.reserve(tensors.size());
  for (const TensorInfo& tensor : tensors) {
    descriptions.push_back({tensor.name, tensor.element_type, tensor.shape});
  }
  return descriptions;
}

bool all_finite(const Tensor& tensor) {
  switch (tensor.type()) {
    case ElementType::float32: return all_finite_values<float>(tensor);
    case ElementType::float64: return all_finite_values<double>(tensor);
    case ElementType::float16: return all_finite_values<Float16>(tensor);
    case ElementType::bfloat16: return all_finite_values<BFloat16>(tensor);
    default: return true;
  }
}

InputContract::InputContract(const Session& session, const EngineOptions& options)
    : inputs_(described(session.inputs())),
      outputs_(described(session.outputs())),
      max_batch_(options.max_batch),
      finite_only_(options.finite_only),
      fixed_rows_(options.max_batch > 1 ? common_rows(inputs_, outputs_) : 0),
      rows_are_named_(rows_have_one_name(session)) {
  for (const ShapeBucket& bucket : options.buckets) add_bucket(bucket);
}

void InputContract::add_bucket(const ShapeBucket& wanted) {
  const std::size_t input = place_of(inputs_, wanted.input);
  if (input == inputs_.size()) {
    refuse(wanted, "there is no such input; the model takes " + names_of(inputs_));
  }
  require_fit(wanted, inputs_[input]);
  for (const Bucket& bucket : buckets_) {
    if (bucket.input != input) continue;
    if (bucket.axis == wanted.axis) refuse(wanted, fmt::format("axis {} is there twice", wanted.axis));
    if (bucket.value != wanted.value) refuse(wanted, "axes of one input have different values");
  }
  buckets_.push_back({input, wanted.axis, wanted.lengths, wanted.value});
  for (const CutAxis& cut : wanted.cut) {
    const std::size_t output = place_of(outputs_, cut.output);
    if (output == outputs_.size()) {
      refuse(wanted, fmt::format("there is no output '{}' to cut; the model has {}", cut.output, names_of(outputs_)));
    }
    require_fit(wanted, cut, outputs_[output]);
    cuts_.push_back({output, cut.axis, input, wanted.axis});
  }
}

std::size_t InputContract::max_rows() const { return fixed_rows_ > 0 ? std::min(fixed_rows_, max_batch_) : max_batch_; }

/// What is taken of an input: any number of rows where fewer are filled up.
TensorDescription InputContract::taken(std::size_t input) const {
  TensorDescription description = inputs_[input];
  if (fixed_rows_ > 0) description.shape.front() = -1;
  return description;
}

void InputContract::admit(const Engine::Inputs& inputs, const RequestOptions& options, Request& request) const {
  request.inputs.clear();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto found =
        std::find_if(inputs.begin(), inputs.end(), [&](const NamedTensor& t) { return t.name == inputs_[i].name; });
    if (found == inputs.end()) {
      throw Error(ErrorCode::invalid_argument, "input '" + inputs_[i].name + "'",
                  "is missing; the model takes " + names_of(inputs_) + but_not(unknown_of(inputs, inputs_)));
    }
    const Tensor& tensor = found->tensor;
    const bool rows_vary = fixed_rows_ > 0 && !tensor.shape().empty();
    const bool shape_fits = rows_vary ? fits(tensor.shape(), taken(i).shape) : fits(tensor.shape(), inputs_[i].shape);
    if (element_type_name(tensor.type()) != inputs_[i].type || !shape_fits) {
      const TensorDescription wanted = taken(i);
      throw Error(ErrorCode::invalid_argument, "input '" + wanted.name + "'",
                  fmt::format("is {} {}; the model takes {} {} (-1: any length)", element_type_name(tensor.type()),
                              to_text(tensor.shape()), wanted.type, to_text(wanted.shape)));
    }
    if (finite_only_ && !all_finite(tensor)) {
      throw Error(ErrorCode::invalid_argument, "input '" + inputs_[i].name + "'", "holds NaN or infinity");
    }
    request.inputs.push_back(&tensor);
  }
  for (const NamedTensor& input : inputs) {
    const bool taken_once = std::any_of(request.inputs.begin(), request.inputs.end(),
                                        [&](const Tensor* tensor) { return tensor == &input.tensor; });
    if (taken_once) continue;
    throw Error(ErrorCode::invalid_argument, "input '" + input.name + "'",
                "is not one of the model's, or there twice; it takes " + names_of(inputs_));
  }
  settle_outputs(options.outputs, request);
  settle_rows(request);
  settle_key(request);
  request.priority = options.priority;
  request.deadline = options.deadline;
  request.stop = options.stop;
}

void InputContract::settle_outputs(const std::vector<std::string>& wanted, Request& request) const {
  request.outputs.clear();
  for (std::size_t i = 0; wanted.empty() && i < outputs_.size(); ++i) request.outputs.push_back(i);
  for (const std::string& name : wanted) {
    const std::size_t place = place_of(outputs_, name);
    if (place == outputs_.size()) {
      throw Error(ErrorCode::invalid_argument, "output '" + name + "'",
                  "is not one of the model's; it has " + names_of(outputs_));
    }
    request.outputs.push_back(place);
  }
}

void InputContract::settle_rows(Request& request) const {
  request.rows = request.inputs.empty() ? 1 : rows_of(*request.inputs.front());
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (rows_of(*request.inputs[i]) > 0 || inputs_[i].shape.front() == 0) continue;
    throw Error(ErrorCode::invalid_argument, "input '" + inputs_[i].name + "'", "has 0 rows; it must have at least 1");
  }
  if (max_batch_ == 1) return;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::size_t rows = rows_of(*request.inputs[i]);
    if (rows == request.rows) continue;
    throw Error(ErrorCode::invalid_argument, "input '" + inputs_[i].name + "'",
                fmt::format("has {} rows, '{}' has {}; every input must have the same number", rows,
                            inputs_.front().name, request.rows));
  }
  if (fixed_rows_ > 0 && request.rows > fixed_rows_) {
    throw Error(ErrorCode::invalid_argument, "input '" + inputs_.front().name + "'",
                fmt::format("has {} rows; the model takes {} at most", request.rows, fixed_rows_));
  }
}

void InputContract::settle_key(Request& request) const {
  request.key.clear();
  if (max_batch_ == 1) return;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Shape& shape = request.inputs[i]->shape();
    request.key.push_back(static_cast<std::int64_t>(shape.size()));
    for (std::size_t axis = 1; axis < shape.size(); ++axis) {
      request.key.push_back(filled_length(i, axis, shape[axis]));
    }
  }
  for (const std::size_t output : request.outputs) request.key.push_back(static_cast<std::int64_t>(output));
}

std::int64_t InputContract::filled_length(std::size_t input, std::size_t axis, std::int64_t length) const {
  for (const Bucket& bucket : buckets_) {
    if (bucket.input != input || bucket.axis != axis) continue;
    const auto next = std::lower_bound(bucket.lengths.begin(), bucket.lengths.end(), length);
    return next == bucket.lengths.end() ? length : *next;
  }
  return length;
}

void InputContract::set_run_shape(const Request& request, std::size_t input, std::size_t rows, Shape& shape) const {
  shape = request.inputs[input]->shape();
  for (std::size_t axis = 1; axis < shape.size(); ++axis) shape[axis] = filled_length(input, axis, shape[axis]);
  if (max_batch_ > 1) shape.front() = static_cast<std::int64_t>(rows);
}

bool InputContract::set_output_shape(std::size_t output, std::size_t rows, Shape& shape) const {
  shape = outputs_[output].shape;
  if (merges() || rows_are_named_) shape.front() = static_cast<std::int64_t>(rows);
  return std::none_of(shape.begin(), shape.end(), [](std::int64_t length) { return length < 0; });
}

double InputContract::fill_value(std::size_t input) const {
  const auto bucket = std::find_if(buckets_.begin(), buckets_.end(), [&](const Bucket& b) { return b.input == input; });
  return bucket == buckets_.end() ? 0 : bucket->value;
}

void InputContract::cut_to_own(const Request& request, std::size_t output, Shape& shape) const {
  if (max_batch_ > 1) shape.front() = static_cast<std::int64_t>(request.rows);
  for (const Cut& cut : cuts_) {
    if (cut.output != output || cut.axis >= shape.size()) continue;
    shape[cut.axis] = std::min(shape[cut.axis], request.inputs[cut.input]->shape()[cut.input_axis]);
  }
}

}  // namespace vivace::runtime
