#include "tasks/separate/graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "vivace/error.hpp"

namespace vivace::separate {
namespace {

std::string to_text(const Axes& axes) {
  std::vector<std::string> parts;
  for (const std::int64_t length : axes) parts.push_back(length < 0 ? "any" : std::to_string(length));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

}  // namespace

Graph::Graph(std::string model, std::shared_ptr<const runtime::Session> session)
    : model_(std::move(model)), session_(std::move(session)) {}

void Graph::mismatch(const std::string& message) const {
  throw Error(ErrorCode::model_mismatch, fmt::format("model '{}'", model_), message);
}

const runtime::TensorInfo& Graph::of_rank(const std::vector<runtime::TensorInfo>& tensors, std::size_t rank,
                                          const char* kind) const {
  const auto has_rank = [&](const runtime::TensorInfo& tensor) { return tensor.shape.size() == rank; };
  const auto found = std::ranges::find_if(tensors, has_rank);
  if (found == tensors.end() || std::find_if(found + 1, tensors.end(), has_rank) != tensors.end()) {
    mismatch(fmt::format("the graph must have one {} with {} axes", kind, rank));
  }
  if (found->element_type != "float32") {
    mismatch(fmt::format("{} '{}' is {}, not float32", kind, found->name, found->element_type));
  }
  return *found;
}

Axes Graph::input_axes(std::size_t rank) const { return of_rank(session_->inputs(), rank, "input").shape; }

Axes Graph::output_axes(std::size_t rank) const { return of_rank(session_->outputs(), rank, "output").shape; }

void Graph::run(const std::vector<Input>& inputs, const std::vector<Output>& outputs) const {
  std::vector<runtime::InputTensor> src;
  for (const Input& input : inputs) {
    src.push_back({of_rank(session_->inputs(), input.shape.size(), "input").name.c_str(), input.values, input.shape});
  }
  std::vector<runtime::OutputTensor> dst;
  for (const Output& output : outputs) {
    dst.push_back(
        {of_rank(session_->outputs(), output.shape.size(), "output").name.c_str(), output.values, output.shape});
  }
  session_->run(src, dst);
}

void Graph::require(const char* what, const Axes& axes, const Axes& wanted) const {
  const bool fits =
      std::ranges::equal(axes, wanted, [](std::int64_t a, std::int64_t b) { return a < 0 || b < 0 || a == b; });
  if (!fits) mismatch(fmt::format("the {} is {}; it must be {}", what, to_text(axes), to_text(wanted)));
}

}  // namespace vivace::separate
