#include "model/graph_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/element_names.hpp"
#include "runtime/numpy_file.hpp"
#include "runtime/random_tensor.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

using runtime::Session;
using runtime::TensorInfo;

/// An output of the one graph and its counterpart of the other.
struct Pair {
  std::string a;
  std::string b;
};

bool has(const std::vector<TensorInfo>& tensors, const std::string& name) {
  return std::any_of(tensors.begin(), tensors.end(), [&](const TensorInfo& info) { return info.name == name; });
}

std::vector<Pair> matching_outputs(const Session& a, const Session& b) {
  std::vector<Pair> pairs;
  for (const TensorInfo& output : a.outputs()) {
    if (has(b.outputs(), output.name)) pairs.push_back({output.name, output.name});
  }
  if (!pairs.empty()) return pairs;
  if (a.outputs().size() != b.outputs().size()) {
    throw Error(ErrorCode::model_mismatch, fmt::format("the graphs have no output in common, and {} and {} of them",
                                                       a.outputs().size(), b.outputs().size()));
  }
  for (std::size_t i = 0; i < a.outputs().size(); ++i) pairs.push_back({a.outputs()[i].name, b.outputs()[i].name});
  return pairs;
}

/// One tensor for each input of a graph, the inputs in the graph's order.
using Sample = std::vector<Tensor>;

Sample random_sample(const Session& session, std::int64_t free_axis, std::mt19937_64& generator) {
  Sample sample;
  for (const TensorInfo& input : session.inputs()) {
    const auto type = runtime::element_type_named(input.element_type);
    if (!type || type == ElementType::string) {
      throw Error(ErrorCode::unsupported, fmt::format("input '{}' is {}; graphs with inputs of numbers can be compared",
                                                      input.name, input.element_type));
    }
    Shape shape = input.shape;
    for (std::int64_t& axis : shape) axis = axis < 0 ? free_axis : axis;
    sample.push_back(runtime::random_tensor(*type, std::move(shape), generator));
  }
  return sample;
}

template <typename T>
std::vector<double> numbers_of(const Tensor& tensor) {
  std::vector<double> numbers;
  numbers.reserve(tensor.size());
  for (const T value : tensor.values<T>()) {
    if constexpr (std::is_arithmetic_v<T>) {
      numbers.push_back(static_cast<double>(value));
    } else {
      numbers.push_back(to_float(value));
    }
  }
  return numbers;
}

/// Integers beyond 2^53 are rounded.
std::vector<double> numbers(const std::string& output, const Tensor& tensor) {
  switch (tensor.type()) {
    case ElementType::float32: return numbers_of<float>(tensor);
    case ElementType::float64: return numbers_of<double>(tensor);
    case ElementType::float16: return numbers_of<Float16>(tensor);
    case ElementType::bfloat16: return numbers_of<BFloat16>(tensor);
    case ElementType::int8: return numbers_of<std::int8_t>(tensor);
    case ElementType::uint8: return numbers_of<std::uint8_t>(tensor);
    case ElementType::int16: return numbers_of<std::int16_t>(tensor);
    case ElementType::uint16: return numbers_of<std::uint16_t>(tensor);
    case ElementType::int32: return numbers_of<std::int32_t>(tensor);
    case ElementType::uint32: return numbers_of<std::uint32_t>(tensor);
    case ElementType::int64: return numbers_of<std::int64_t>(tensor);
    case ElementType::uint64: return numbers_of<std::uint64_t>(tensor);
    case ElementType::boolean: return numbers_of<bool>(tensor);
    case ElementType::string: break;
  }
  throw Error(ErrorCode::unsupported, fmt::format("output '{}' holds strings; numbers can be compared", output));
}

std::vector<Tensor> run(const Session& session, const Sample& sample, const std::vector<std::string>& outputs) {
  if (sample.size() != session.inputs().size()) {
    throw Error(ErrorCode::model_mismatch,
                fmt::format("the graph has {} inputs, not {}", session.inputs().size(), sample.size()));
  }
  std::vector<NamedTensor> inputs;
  for (std::size_t i = 0; i < sample.size(); ++i) inputs.push_back({session.inputs()[i].name, sample[i]});
  return session.run(inputs, outputs, {});
}

std::size_t columns(const Tensor& tensor) {
  if (tensor.shape().empty()) return 1;
  const auto rows = static_cast<std::size_t>(tensor.shape().front());
  return rows == 0 ? 0 : tensor.size() / rows;
}

}  // namespace

ModelComparison compare_graphs(const runtime::SessionOptions& a, const runtime::SessionOptions& b,
                               const ComparisonInput& input) {
  const auto session_a = runtime::open_session(a);
  const auto session_b = runtime::open_session(b);
  std::vector<std::string> names_a;
  std::vector<std::string> names_b;
  std::vector<ParityMeter> meters;
  for (Pair& pair : matching_outputs(*session_a, *session_b)) {
    meters.emplace_back(pair.a == pair.b ? pair.a : pair.a + " / " + pair.b);
    names_a.push_back(std::move(pair.a));
    names_b.push_back(std::move(pair.b));
  }
  const auto compare = [&](const std::string& origin, const Sample& sample) {
    const std::vector<Tensor> results_a = run(*session_a, sample, names_a);
    const std::vector<Tensor> results_b = run(*session_b, sample, names_b);
    for (std::size_t i = 0; i < meters.size(); ++i) {
      meters[i].add(origin, numbers(names_a[i], results_a[i]), columns(results_a[i]), numbers(names_b[i], results_b[i]),
                    columns(results_b[i]));
    }
  };
  for (const auto& path : input.recorded) compare(path.string(), {runtime::read_npy(path)});
  std::mt19937_64 generator(1);
  for (std::size_t i = 0; input.recorded.empty() && i < input.samples; ++i) {
    compare(fmt::format("sample {}", i), random_sample(*session_a, input.free_axis, generator));
  }
  ModelComparison comparison{session_a->placement(), session_b->placement(), {}};
  for (const ParityMeter& meter : meters) comparison.outputs.push_back(meter.result());
  return comparison;
}

}  // namespace vivace::model
