#include "runtime/batch_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stop_token>
#include <utility>

#include "runtime/shape_fit.hpp"
#include "runtime/tensor_copy.hpp"

namespace vivace::runtime {
namespace {

using Part = RunWorkspace::Part;

constexpr std::size_t kMostBoundTensors = 8;

const void* elements_of(const Tensor& tensor) {
  if (tensor.type() == ElementType::string) return tensor.values<std::string>().data();
  return tensor.bytes().data();
}

/// Elements of a row; 0 where there are no rows.
std::size_t row_size(const Shape& shape) {
  if (shape.empty() || shape.front() == 0) return 0;
  return element_count(shape) / static_cast<std::size_t>(shape.front());
}

/// Memory for the elements of a part that are not strings.
std::span<std::byte> writable(Part& part) {
  const std::size_t bytes = element_count(part.shape) * element_bytes(part.type);
  if (part.bytes.type() != ElementType::uint8 || part.bytes.size() < bytes) {
    part.bytes = Tensor(ElementType::uint8, {static_cast<std::int64_t>(bytes)});
  }
  part.elements = part.bytes.bytes().data();
  return part.bytes.mutable_bytes().first(bytes);
}

void join_strings(std::span<const RequestPointer> requests, std::size_t input, Part& part) {
  part.strings.assign(element_count(part.shape), "");
  auto place = part.strings.begin();
  for (const RequestPointer& request : requests) {
    const auto values = request->inputs[input]->values<std::string>();
    place = std::copy(values.begin(), values.end(), place);
  }
  part.elements = part.strings.data();
}

/// Puts the rows of all requests one after the other; what is left of the part is set to `fill_value`.
void join_input(std::span<const RequestPointer> requests, std::size_t input, double fill_value, Part& part) {
  if (part.type == ElementType::string) return join_strings(requests, input, part);
  const std::span<std::byte> whole = writable(part);
  std::size_t given = 0;
  for (const RequestPointer& request : requests) given += request->inputs[input]->bytes().size();
  if (given < whole.size()) fill(whole, part.type, fill_value);
  const std::size_t row_bytes = row_size(part.shape) * element_bytes(part.type);
  std::byte* place = whole.data();
  for (const RequestPointer& request : requests) {
    const Tensor& tensor = *request->inputs[input];
    copy_corner(tensor.bytes().data(), tensor.shape(), place, part.shape, element_bytes(part.type));
    place += row_bytes * request->rows;
  }
}

/// Makes `tensor` one of this type and shape with memory that nobody else sees; its values are unspecified.
void make_writable(Tensor& tensor, ElementType type, const Shape& shape) {
  if (tensor.is_sole_owner() && tensor.type() == type && tensor.shape() == shape) return;
  tensor = Tensor(type, shape);
}

/// Copies the request's own part, which begins at row `row` of an output.
void copy_own_part(const Part& output, std::size_t row, const Shape& own_shape, Tensor& dst) {
  if (output.type == ElementType::string) {
    const auto* first = static_cast<const std::string*>(output.elements) + row * row_size(output.shape);
    std::copy_n(first, dst.size(), dst.mutable_values<std::string>().begin());
    return;
  }
  const std::size_t row_bytes = row_size(output.shape) * element_bytes(output.type);
  copy_corner(static_cast<const std::byte*>(output.elements) + row * row_bytes, output.shape,
              dst.mutable_bytes().data(), own_shape, element_bytes(output.type));
}

}  // namespace

BatchRunner::BatchRunner(const InputContract& contract) : contract_(contract), rows_(contract.outputs().size()) {
  for (auto& rows : rows_) rows = contract.promises_rows() ? Rows::same : Rows::unknown;
}

bool BatchRunner::gives_other_rows(const Request& request) const {
  return std::any_of(request.outputs.begin(), request.outputs.end(), [this](std::size_t output) {
    return rows_[output].load(std::memory_order_relaxed) == Rows::other;
  });
}

void BatchRunner::join(std::span<const RequestPointer> requests, RunWorkspace& workspace) const {
  const Request& first = *requests.front();
  workspace.rows = 0;
  for (const RequestPointer& request : requests) workspace.rows += request->rows;
  workspace.rows = std::max(workspace.rows, contract_.fixed_rows());
  workspace.alone = requests.size() == 1;
  workspace.inputs.resize(first.inputs.size());
  for (std::size_t i = 0; i < first.inputs.size(); ++i) {
    Part& part = workspace.inputs[i];
    part.type = first.inputs[i]->type();
    contract_.set_run_shape(first, i, workspace.rows, part.shape);
    workspace.alone = workspace.alone && part.shape == first.inputs[i]->shape();
  }
  for (std::size_t i = 0; i < first.inputs.size(); ++i) {
    Part& part = workspace.inputs[i];
    if (workspace.alone) {
      part.elements = elements_of(*first.inputs[i]);
    } else {
      join_input(requests, i, contract_.fill_value(i), part);
    }
  }
}

void BatchRunner::infer(const Session& session, std::span<const RequestPointer> requests, RunWorkspace& workspace) {
  Request& first = *requests.front();
  const bool shared = requests.size() > 1;
  const bool can_stop = !shared && first.stop.stop_possible();
  const bool wants_memory = !workspace.alone || first.in_place;
  const bool bound = wants_memory && !can_stop && can_bind(first, workspace);
  workspace.results.clear();
  if (!bound || !run_bound(session, first, workspace)) {
    workspace.results = run_unbound(session, first, shared, workspace);
    if (bound) shapes_hold_.store(false, std::memory_order_relaxed);
    show_results(workspace);
  }
  if (contract_.merges()) learn_rows(first, workspace);
  if (!workspace.alone) check_rows(first, workspace);
}

void BatchRunner::split(std::span<const RequestPointer> requests, RunWorkspace& workspace) const {
  name_answers(requests);
  if (!workspace.alone) copy_parts(requests, workspace);
  for (std::size_t k = 0; workspace.alone && k < workspace.results.size(); ++k) {
    requests.front()->prediction->outputs[k].tensor = std::move(workspace.results[k]);
  }
  workspace.results.clear();
}

/// Makes the workspace's outputs look at the results.
void BatchRunner::show_results(RunWorkspace& workspace) {
  workspace.outputs.resize(workspace.results.size());
  for (std::size_t k = 0; k < workspace.results.size(); ++k) {
    Part& output = workspace.outputs[k];
    output.type = workspace.results[k].type();
    output.shape = workspace.results[k].shape();
    output.elements = elements_of(workspace.results[k]);
  }
}

void BatchRunner::learn_rows(const Request& first, const RunWorkspace& workspace) {
  for (std::size_t k = 0; k < workspace.outputs.size(); ++k) {
    std::atomic<Rows>& rows = rows_[first.outputs[k]];
    if (has_rows(workspace.outputs[k].shape, workspace.rows)) {
      Rows unknown = Rows::unknown;
      rows.compare_exchange_strong(unknown, Rows::same, std::memory_order_relaxed);
    } else if (rows.exchange(Rows::other, std::memory_order_relaxed) != Rows::other) {
      ++other_rows_;
    }
  }
}

void BatchRunner::check_rows(const Request& first, const RunWorkspace& workspace) const {
  for (std::size_t k = 0; contract_.merges() && k < workspace.outputs.size(); ++k) {
    const Shape& shape = workspace.outputs[k].shape;
    if (has_rows(shape, workspace.rows)) continue;
    throw Error(
        ErrorCode::model_mismatch, "output '" + contract_.outputs()[first.outputs[k]].name + "'",
        fmt::format("is {} after a run of {} rows; set max_batch = 1 for this model", to_text(shape), workspace.rows));
  }
}

void BatchRunner::name_answers(std::span<const RequestPointer> requests) const {
  for (const RequestPointer& request : requests) {
    std::vector<NamedTensor>& answers = request->prediction->outputs;
    answers.resize(request->outputs.size());
    for (std::size_t k = 0; k < answers.size(); ++k) answers[k].name = contract_.outputs()[request->outputs[k]].name;
  }
}

/// Gives every request a copy of its own part of the outputs.
void BatchRunner::copy_parts(std::span<const RequestPointer> requests, RunWorkspace& workspace) const {
  std::size_t row = 0;
  for (const RequestPointer& request : requests) {
    for (std::size_t k = 0; k < workspace.outputs.size(); ++k) {
      const Part& output = workspace.outputs[k];
      workspace.own_shape = output.shape;
      contract_.cut_to_own(*request, request->outputs[k], workspace.own_shape);
      Tensor& answer = request->prediction->outputs[k].tensor;
      make_writable(answer, output.type, workspace.own_shape);
      copy_own_part(output, row, workspace.own_shape, answer);
    }
    row += request->rows;
  }
}

/// Whether the run can be given memory for its outputs: all is float32, and the shapes are known. Sets these shapes.
bool BatchRunner::can_bind(const Request& first, RunWorkspace& workspace) const {
  if (!shapes_hold_.load(std::memory_order_relaxed)) return false;
  const auto keeps_rows = [this](std::size_t output) {
    return rows_[output].load(std::memory_order_relaxed) == Rows::same;
  };
  if (contract_.merges() && !std::all_of(first.outputs.begin(), first.outputs.end(), keeps_rows)) return false;
  if (workspace.inputs.size() > kMostBoundTensors || first.outputs.size() > kMostBoundTensors) return false;
  workspace.outputs.resize(first.outputs.size());
  for (std::size_t k = 0; k < first.outputs.size(); ++k) {
    Part& output = workspace.outputs[k];
    output.type = ElementType::float32;
    if (contract_.outputs()[first.outputs[k]].type != "float32") return false;
    if (!contract_.set_output_shape(first.outputs[k], workspace.rows, output.shape)) return false;
  }
  return std::all_of(workspace.inputs.begin(), workspace.inputs.end(),
                     [](const Part& input) { return input.type == ElementType::float32; });
}

/// Runs into memory that is there already: the prediction's own, where it is written over in place, or the workspace's.
/// False where the outputs have other shapes than the graph says.
bool BatchRunner::run_bound(const Session& session, Request& first, RunWorkspace& workspace) const {
  const bool in_place = workspace.alone && first.in_place;
  workspace.bound_inputs.clear();
  for (std::size_t i = 0; i < workspace.inputs.size(); ++i) {
    const Part& input = workspace.inputs[i];
    workspace.bound_inputs.push_back({contract_.inputs()[i].name.c_str(),
                                      {static_cast<const float*>(input.elements), element_count(input.shape)},
                                      input.shape});
  }
  workspace.bound_outputs.clear();
  if (in_place) first.prediction->outputs.resize(first.outputs.size());
  for (std::size_t k = 0; k < first.outputs.size(); ++k) {
    Part& output = workspace.outputs[k];
    float* elements = nullptr;
    if (in_place) {
      Tensor& tensor = first.prediction->outputs[k].tensor;
      make_writable(tensor, ElementType::float32, output.shape);
      elements = tensor.mutable_values<float>().data();
    } else {
      elements = reinterpret_cast<float*>(writable(output).data());
    }
    workspace.bound_outputs.push_back(
        {contract_.outputs()[first.outputs[k]].name.c_str(), {elements, element_count(output.shape)}, output.shape});
  }
  try {
    session.run(workspace.bound_inputs, workspace.bound_outputs);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::model_mismatch) throw;
    return false;
  }
}

std::vector<Tensor> BatchRunner::run_unbound(const Session& session, const Request& first, bool shared,
                                             const RunWorkspace& workspace) const {
  std::vector<NamedTensor> inputs;
  for (std::size_t i = 0; i < workspace.inputs.size(); ++i) {
    const Part& input = workspace.inputs[i];
    inputs.push_back({contract_.inputs()[i].name, Tensor::shared(input.type, input.shape, nullptr, input.elements)});
  }
  std::vector<std::string> outputs;
  outputs.reserve(first.outputs.size());
  for (const std::size_t output : first.outputs) outputs.push_back(contract_.outputs()[output].name);
  return session.run(inputs, outputs, shared ? std::stop_token() : first.stop);
}

}  // namespace vivace::runtime
