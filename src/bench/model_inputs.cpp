#include "bench/model_inputs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

#include "base/sha256.hpp"
#include "runtime/element_names.hpp"
#include "runtime/numpy_file.hpp"
#include "runtime/random_tensor.hpp"
#include "runtime/shape_fit.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kRandomRequests = 4;

ElementType type_of(const TensorDescription& input) {
  if (const auto type = runtime::element_type_named(input.type)) return *type;
  throw Error(ErrorCode::unsupported, "input '" + input.name + "'", "has the type " + input.type);
}

void require_known_names(const std::vector<TensorDescription>& inputs, const InputOptions& options) {
  for (const auto& [name, shape] : options.shapes) {
    if (std::any_of(inputs.begin(), inputs.end(), [&name = name](const auto& input) { return input.name == name; }))
      continue;
    std::vector<std::string> known;
    for (const TensorDescription& input : inputs) known.push_back(input.name);
    throw Error(ErrorCode::invalid_argument, "input '" + name + "'",
                fmt::format("is not one of the model's; it takes {}", fmt::join(known, ", ")));
  }
}

/// The shape asked for, or the graph's.
Shape wanted_shape(const TensorDescription& input, const InputOptions& options) {
  const auto given = options.shapes.find(input.name);
  Shape shape = given == options.shapes.end() ? input.shape : given->second;
  if (input.shape.empty() || shape.empty()) return shape;
  if (options.batch == 0 && shape.front() >= 0) return shape;
  shape.front() = static_cast<std::int64_t>(options.rows.length_of(std::max<std::size_t>(options.batch, 1)));
  return shape;
}

std::size_t rows_in(const Shape& shape, const InputOptions& options) {
  return options.rows.rows_in(static_cast<std::size_t>(shape.front()));
}

/// Throws where the first axis is longer than its rows need, or too short for one; not where the graph fixes it.
void require_whole_rows(const TensorDescription& input, const Shape& shape, const InputOptions& options) {
  if (shape.empty() || shape.front() == input.shape.front()) return;
  const std::size_t rows = rows_in(shape, options);
  if (rows > 0 && shape.front() == static_cast<std::int64_t>(options.rows.length_of(rows))) return;
  std::vector<std::string> fitting;
  for (const std::size_t count : {rows, rows + 1}) {
    if (count > 0) fitting.push_back(fmt::format("{} is {}", options.rows.length_of(count), count));
  }
  throw Error(ErrorCode::invalid_argument, "input '" + input.name + "'",
              fmt::format("cannot be {}: its first axis is no whole number of rows (patches); {}", to_text(shape),
                          fmt::join(fitting, ", ")));
}

/// How an option would say a shape, with ? where a length is wanted.
std::string option_text(const std::string& name, const Shape& shape) {
  std::vector<std::string> lengths;
  for (const std::int64_t length : shape) lengths.push_back(length < 0 ? "?" : std::to_string(length));
  return fmt::format("{}={}", name, fmt::join(lengths, "x"));
}

bool is_one_array(const std::map<std::string, Tensor>& arrays) {
  return arrays.size() == 1 && arrays.begin()->first.empty();
}

const Tensor& array_for(const std::string& name, const std::map<std::string, Tensor>& arrays) {
  return is_one_array(arrays) ? arrays.begin()->second : arrays.at(name);
}

void require_arrays(const std::vector<TensorDescription>& inputs, const std::map<std::string, Tensor>& arrays,
                    const std::string& origin) {
  if (is_one_array(arrays)) {
    if (inputs.size() == 1) return;
    throw Error(ErrorCode::invalid_argument, origin,
                fmt::format("is one array, the model takes {}; use an NPZ or a folder", inputs.size()));
  }
  std::vector<std::string> wanted;
  std::vector<std::string> missing;
  for (const TensorDescription& input : inputs) {
    wanted.push_back(input.name);
    if (!arrays.contains(input.name)) missing.push_back(input.name);
  }
  if (missing.empty()) return;
  std::vector<std::string> found;
  for (const auto& [name, array] : arrays) found.push_back(name);
  throw Error(ErrorCode::invalid_argument, origin,
              fmt::format("has no array {}; it has {}, the model takes {}", fmt::join(missing, ", "),
                          found.empty() ? "none" : fmt::format("{}", fmt::join(found, ", ")), fmt::join(wanted, ", ")));
}

/// Takes lengths that nobody gave from the arrays, but for the first axis.
InputOptions with_recorded_shapes(const std::vector<TensorDescription>& inputs, InputOptions options,
                                  const std::map<std::string, Tensor>& arrays) {
  for (const TensorDescription& input : inputs) {
    if (options.shapes.contains(input.name)) continue;
    Shape shape = array_for(input.name, arrays).shape();
    if (!shape.empty() && !input.shape.empty()) shape.front() = input.shape.front();
    options.shapes[input.name] = shape;
  }
  return options;
}

/// The array of an input, which must have its type and the lengths of its rows.
Tensor array_of(const TensorDescription& input, const Shape& shape, const std::map<std::string, Tensor>& arrays) {
  const std::string context = "input '" + input.name + "'";
  const Tensor& array = array_for(input.name, arrays);
  Shape row = array.shape();
  if (!row.empty() && !shape.empty()) row.front() = shape.front();
  if (element_type_name(array.type()) == input.type && row == shape && !row.empty()) return array;
  throw Error(ErrorCode::invalid_argument, context,
              fmt::format("recorded is {} {}; wanted are {} {} with any number of rows",
                          element_type_name(array.type()), to_text(array.shape()), input.type, to_text(shape)));
}

/// How many requests of a shape an array is enough for.
std::size_t count_requests(const Tensor& array, const Shape& shape, const InputOptions& options) {
  return rows_in(array.shape(), options) / std::max<std::size_t>(rows_in(shape, options), 1);
}

/// The same of all arrays, of which each must be enough for as many.
std::size_t count_requests(const std::vector<TensorDescription>& inputs, const std::vector<Shape>& shapes,
                           const std::vector<Tensor>& arrays, const InputOptions& options) {
  std::optional<std::size_t> count;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::size_t requests = count_requests(arrays[i], shapes[i], options);
    if (requests == 0 || (count && *count != requests)) {
      throw Error(ErrorCode::invalid_argument, "input '" + inputs[i].name + "'",
                  fmt::format("recorded is {}: too short for one request of {}, or not for as many as other inputs are",
                              to_text(arrays[i].shape()), to_text(shapes[i])));
    }
    count = requests;
  }
  return count.value_or(0);
}

}  // namespace

std::vector<Shape> settle_shapes(const std::vector<TensorDescription>& inputs, const InputOptions& options) {
  require_known_names(inputs, options);
  std::vector<Shape> shapes;
  std::vector<std::string> missing;
  for (const TensorDescription& input : inputs) {
    const Shape shape = wanted_shape(input, options);
    if (std::any_of(shape.begin(), shape.end(), [](std::int64_t length) { return length < 0; })) {
      missing.push_back("--shape " + option_text(input.name, shape));
    } else if (!runtime::fits(shape, input.shape)) {
      throw Error(
          ErrorCode::invalid_argument, "input '" + input.name + "'",
          fmt::format("cannot be {}; the model takes {} (-1: any length)", to_text(shape), to_text(input.shape)));
    } else {
      require_whole_rows(input, shape, options);
    }
    shapes.push_back(shape);
  }
  if (missing.empty()) return shapes;
  throw Error(ErrorCode::invalid_argument, "inputs with free axes",
              fmt::format("need lengths: give {} with a number for each ?", fmt::join(missing, " ")));
}

std::vector<std::string> unsaid_shapes(const std::vector<TensorDescription>& inputs, const InputOptions& options) {
  std::vector<std::string> unsaid;
  for (const TensorDescription& input : inputs) {
    const bool is_said = options.batch > 0 || options.shapes.contains(input.name);
    if (!is_said && !input.shape.empty() && input.shape.front() < 0)
      unsaid.push_back(option_text(input.name, input.shape));
  }
  return unsaid;
}

Requests random_requests(const std::vector<TensorDescription>& inputs, const InputOptions& options) {
  const std::vector<Shape> shapes = settle_shapes(inputs, options);
  std::mt19937_64 random(options.seed);
  Requests requests(kRandomRequests);
  for (Engine::Inputs& request : requests) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      request.push_back({inputs[i].name, runtime::random_tensor(type_of(inputs[i]), shapes[i], random)});
    }
  }
  return requests;
}

Requests recorded_requests(const std::vector<TensorDescription>& inputs, const InputOptions& options) {
  const std::map<std::string, Tensor> arrays = runtime::read_arrays(options.recorded);
  require_arrays(inputs, arrays, options.recorded.string());
  const std::vector<Shape> shapes = settle_shapes(inputs, with_recorded_shapes(inputs, options, arrays));
  std::vector<Tensor> whole;
  for (std::size_t i = 0; i < inputs.size(); ++i) whole.push_back(array_of(inputs[i], shapes[i], arrays));
  Requests requests(count_requests(inputs, shapes, whole, options));
  for (std::size_t k = 0; k < requests.size(); ++k) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::size_t begin = k * rows_in(shapes[i], options) * options.rows.step;
      requests[k].push_back({inputs[i].name, whole[i].rows(begin, static_cast<std::size_t>(shapes[i].front()))});
    }
  }
  return requests;
}

std::string sha256_of(const Requests& requests) {
  base::Sha256 digest;
  for (const Engine::Inputs& request : requests) {
    for (const auto& [name, tensor] : request) {
      digest.update(fmt::format("{} {} {}\n", name, element_type_name(tensor.type()), to_text(tensor.shape())));
      if (tensor.type() == ElementType::string) {
        for (const std::string& text : tensor.values<std::string>())
          digest.update(fmt::format("{}:{}", text.size(), text));
      } else {
        const auto bytes = tensor.bytes();
        digest.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      }
    }
  }
  return digest.finish();
}

}  // namespace vivace::bench
