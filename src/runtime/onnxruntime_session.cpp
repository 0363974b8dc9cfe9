#include "runtime/onnxruntime_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "runtime/onnxruntime_environment.hpp"
#include "runtime/onnxruntime_nodes.hpp"
#include "runtime/onnxruntime_values.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kMostTensorsPerRun = 8;

std::string type_name(ONNXTensorElementDataType type) {
  const auto known = element_type_of(type);
  return known ? std::string(element_type_name(*known)) : "other";
}

TensorInfo tensor_info(std::string name, const Ort::TypeInfo& type) {
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return {std::move(name), "not a tensor", {}, {}};
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  std::vector<std::int64_t> shape = tensor.GetShape();
  for (std::int64_t& dimension : shape) dimension = std::max<std::int64_t>(dimension, -1);
  const std::vector<const char*> axis_names = tensor.GetSymbolicDimensions();
  return {std::move(name), type_name(tensor.GetElementType()), std::move(shape),
          axis_names.empty() ? "" : axis_names.front()};
}

/// Messages of nodes end in a line end.
std::string_view without_line_end(std::string_view text) { return text.substr(0, text.find_last_not_of(" \r\n") + 1); }

Error translated(const Ort::Exception& error, const std::string& context) {
  const std::string_view message = without_line_end(error.what());
  const bool mismatch = error.GetOrtErrorCode() == ORT_INVALID_ARGUMENT ||
                        message.find("Got invalid dimensions") != std::string_view::npos ||
                        message.find("computed output shape") != std::string_view::npos;
  const ErrorCode code = mismatch                   ? ErrorCode::model_mismatch
                         : is_lack_of_memory(error) ? ErrorCode::resource_exhausted
                                                    : ErrorCode::internal;
  return {code, context, fmt::format("ONNX Runtime: {}", message)};
}

/// Views of the caller's tensors in the form that ONNX Runtime takes, without memory of its own.
struct Bound {
  template <typename T>
  explicit Bound(std::span<const FloatTensor<T>> tensors) {
    static const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const FloatTensor<T>& tensor = tensors[i];
      names[i] = tensor.name;
      values[i] = Ort::Value::CreateTensor<float>(memory, const_cast<float*>(tensor.values.data()),
                                                  tensor.values.size(), tensor.shape.data(), tensor.shape.size());
    }
  }
  std::array<const char*, kMostTensorsPerRun> names{};
  std::array<Ort::Value, kMostTensorsPerRun> values{Ort::Value{nullptr}, Ort::Value{nullptr}, Ort::Value{nullptr},
                                                    Ort::Value{nullptr}, Ort::Value{nullptr}, Ort::Value{nullptr},
                                                    Ort::Value{nullptr}, Ort::Value{nullptr}};
};

/// Those of a run after which the arena gives back what it does not use.
Ort::RunOptions shrinking_options() {
  Ort::RunOptions options;
  options.AddConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
  return options;
}

}  // namespace

OnnxRuntimeSession::OnnxRuntimeSession(const std::filesystem::path& model, const std::filesystem::path& graph,
                                       const Ort::SessionOptions& loading, Ort::SessionOptions settings,
                                       std::string placement, std::shared_ptr<const void> needs, bool profiles)
    : needs_(std::move(needs)),
      path_(model.string()),
      graph_(graph),
      placement_(std::move(placement)),
      settings_(std::move(settings)),
      session_(onnxruntime_environment(), graph.c_str(), loading),
      profiles_(profiles) {
  Ort::AllocatorWithDefaultOptions allocator;
  for (std::size_t i = 0; i < session_.GetInputCount(); ++i) {
    inputs_.push_back(tensor_info(session_.GetInputNameAllocated(i, allocator).get(), session_.GetInputTypeInfo(i)));
  }
  for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
    outputs_.push_back(tensor_info(session_.GetOutputNameAllocated(i, allocator).get(), session_.GetOutputTypeInfo(i)));
  }
}

void OnnxRuntimeSession::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const {
  if (inputs.size() > kMostTensorsPerRun || outputs.size() > kMostTensorsPerRun) {
    throw Error(ErrorCode::unsupported, path_, fmt::format("more than {} tensors in one run", kMostTensorsPerRun));
  }
  try {
    Bound src(inputs);
    Bound dst(outputs);
    Ort::RunOptions options{nullptr};
    if (shrinks_.exchange(false)) options = shrinking_options();
    // The C++ wrapper declares Run non-const; the C function is safe from many threads.
    const_cast<Ort::Session&>(session_).Run(options, src.names.data(), src.values.data(), inputs.size(),
                                            dst.names.data(), dst.values.data(), outputs.size());
  } catch (const Ort::Exception& error) {
    throw translated(error, path_);
  }
}

std::vector<Tensor> OnnxRuntimeSession::run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                            const std::stop_token& stop) const {
  std::vector<const char*> input_names;
  std::vector<Ort::Value> input_values;
  std::vector<const char*> output_names;
  output_names.reserve(outputs.size());
  for (const std::string& output : outputs) output_names.push_back(output.c_str());
  try {
    for (const NamedTensor& input : inputs) {
      input_names.push_back(input.name.c_str());
      input_values.push_back(to_value(input.tensor));
    }
    Ort::RunOptions options = shrinks_.exchange(false) ? shrinking_options() : Ort::RunOptions();
    const std::stop_callback terminate(stop, [&options] { options.SetTerminate(); });
    auto values = const_cast<Ort::Session&>(session_).Run(options, input_names.data(), input_values.data(),
                                                          inputs.size(), output_names.data(), outputs.size());
    std::vector<Tensor> tensors;
    tensors.reserve(values.size());
    for (Ort::Value& value : values) tensors.push_back(to_tensor(std::move(value)));
    return tensors;
  } catch (const Ort::Exception& error) {
    if (stop.stop_requested()) throw Error(ErrorCode::cancelled, path_, "stopped while it ran");
    throw translated(error, path_);
  }
}

BackendMemory OnnxRuntimeSession::memory() const {
  const Ort::MemoryInfo arena = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const Ort::Allocator allocator(session_, arena);
  const Ort::KeyValuePairs statistics = allocator.GetStats();
  const auto number = [&](const char* key) -> std::uint64_t {
    const char* value = statistics.GetValue(key);
    return value == nullptr ? 0 : std::strtoull(value, nullptr, 10);
  };
  return {number("NumAllocs"), number("InUse"), number("MaxInUse")};
}

std::optional<BackendProfile> OnnxRuntimeSession::end_profile() const {
  if (!profiles_) return std::nullopt;
  Ort::AllocatorWithDefaultOptions allocator;
  const std::chrono::nanoseconds start(session_.GetProfilingStartTimeNs());
  const auto file = const_cast<Ort::Session&>(session_).EndProfilingAllocated(allocator);
  return BackendProfile{file.get(), std::chrono::system_clock::time_point(
                                        std::chrono::duration_cast<std::chrono::system_clock::duration>(start))};
}

std::vector<ProviderNodes> OnnxRuntimeSession::nodes() const {
  try {
    return nodes_by_provider(graph_, settings_);
  } catch (const Ort::Exception& error) {
    throw translated(error, path_);
  }
}

}  // namespace vivace::runtime
