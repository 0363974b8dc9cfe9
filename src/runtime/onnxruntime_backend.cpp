#include "runtime/onnxruntime_backend.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "runtime/onnxruntime_values.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kMostTensorsPerRun = 8;

void forward_log(void*, OrtLoggingLevel level, const char*, const char*, const char*, const char* message) {
  const bool serious = level >= ORT_LOGGING_LEVEL_ERROR;
  base::log(serious ? base::LogLevel::warning : base::LogLevel::debug, fmt::format("ONNX Runtime: {}", message));
}

/// What is wrong where the library that was loaded is older than the headers that vivace was built with.
std::optional<std::string> library_problem() {
  if (OrtGetApiBase()->GetApi(ORT_API_VERSION) != nullptr) return std::nullopt;
  return fmt::format(
      "the ONNX Runtime library {} does not offer API version {}, with which vivace was built; install 1.{} or later, "
      "or "
      "build with the headers of that library",
      onnxruntime_version(), ORT_API_VERSION, ORT_API_VERSION);
}

/// One environment a process, with one arena that all sessions share and that grows by what is asked for: the default,
/// doubling, holds up to twice the memory in use.
Ort::Env& environment() {
  static Ort::Env env = [] {
    if (const auto problem = library_problem()) throw Error(ErrorCode::unavailable, *problem);
    Ort::Env created(ORT_LOGGING_LEVEL_WARNING, "vivace", forward_log, nullptr);
    created.DisableTelemetryEvents();
    const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    constexpr int kExtendAsRequested = 1;
    const Ort::ArenaCfg arena(0, kExtendAsRequested, -1, -1);
    created.CreateAndRegisterAllocator(memory, arena);
    return created;
  }();
  return env;
}

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

Error translated(const Ort::Exception& error, const std::string& context) {
  const std::string_view message = error.what();
  const bool memory = message.find("llocat") != std::string_view::npos;
  const bool mismatch = error.GetOrtErrorCode() == ORT_INVALID_ARGUMENT ||
                        message.find("Got invalid dimensions") != std::string_view::npos;
  const ErrorCode code = memory     ? ErrorCode::resource_exhausted
                         : mismatch ? ErrorCode::model_mismatch
                                    : ErrorCode::internal;
  return {code, context, fmt::format("ONNX Runtime: {}", message)};
}

class OnnxRuntimeSession : public Session {
 public:
  OnnxRuntimeSession(const SessionOptions& options, const Ort::SessionOptions& settings, std::string placement)
      : path_(options.graph.string()),
        placement_(std::move(placement)),
        session_(environment(), options.graph.c_str(), settings) {
    Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < session_.GetInputCount(); ++i) {
      inputs_.push_back(tensor_info(session_.GetInputNameAllocated(i, allocator).get(), session_.GetInputTypeInfo(i)));
    }
    for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
      outputs_.push_back(
          tensor_info(session_.GetOutputNameAllocated(i, allocator).get(), session_.GetOutputTypeInfo(i)));
    }
  }

  std::vector<Tensor> run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                          const std::stop_token& stop) const override {
    std::vector<const char*> input_names;
    std::vector<Ort::Value> input_values;
    for (const NamedTensor& input : inputs) {
      input_names.push_back(input.name.c_str());
      input_values.push_back(to_value(input.tensor));
    }
    std::vector<const char*> output_names;
    output_names.reserve(outputs.size());
    for (const std::string& output : outputs) output_names.push_back(output.c_str());
    Ort::RunOptions options;
    const std::stop_callback terminate(stop, [&options] { options.SetTerminate(); });
    try {
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

  const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  const std::string& placement() const override { return placement_; }

  void run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const override {
    if (inputs.size() > kMostTensorsPerRun || outputs.size() > kMostTensorsPerRun) {
      throw Error(ErrorCode::unsupported, path_, fmt::format("more than {} tensors in one run", kMostTensorsPerRun));
    }
    try {
      Bound src(inputs);
      Bound dst(outputs);
      // The C++ wrapper declares Run non-const; the C function is safe from many threads.
      const_cast<Ort::Session&>(session_).Run(Ort::RunOptions{nullptr}, src.names.data(), src.values.data(),
                                              inputs.size(), dst.names.data(), dst.values.data(), outputs.size());
    } catch (const Ort::Exception& error) {
      throw translated(error, path_);
    }
  }

 private:
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

  std::string path_;
  std::string placement_;
  Ort::Session session_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
};

/// A provider that is part of the ONNX Runtime library in use.
class OnnxRuntimeCandidate : public Candidate {
 public:
  /// `library_name` is ONNX Runtime's own name of the provider.
  OnnxRuntimeCandidate(std::string provider, std::string library_name)
      : provider_(std::move(provider)), library_name_(std::move(library_name)) {}

  std::string backend() const override { return "onnxruntime"; }
  std::string provider() const override { return provider_; }

  std::optional<std::string> decline() const override {
    if (auto reason = library_problem()) return reason;
    const std::vector<std::string> present = onnxruntime_providers();
    if (std::find(present.begin(), present.end(), library_name_) != present.end()) return start_problem();
    return fmt::format("the ONNX Runtime library {} does not bring {} (it has: {})", onnxruntime_version(),
                       library_name_, fmt::join(present, ", "));
  }

  std::unique_ptr<Session> load(const SessionOptions& options) const override {
    if (!std::filesystem::is_regular_file(options.graph)) {
      throw Error(ErrorCode::not_found, options.graph.string(), "no such file");
    }
    try {
      return std::make_unique<OnnxRuntimeSession>(options, settings(options), "onnxruntime/" + provider_);
    } catch (const Ort::Exception& error) {
      const bool plain = provider_ == "cpu";
      throw Error(plain ? ErrorCode::model_mismatch : ErrorCode::unavailable, options.graph.string(),
                  fmt::format("{} ONNX Runtime {} can load{}: {}", plain ? "not a graph that" : "no graph that",
                              onnxruntime_version(), plain ? "" : " on " + provider_, error.what()));
    }
  }

 private:
  /// Why the provider cannot be started: it may be listed while libraries that it needs are missing.
  std::optional<std::string> start_problem() const {
    try {
      environment();
      settings({});
      return std::nullopt;
    } catch (const Ort::Exception& error) {
      return fmt::format("{} cannot be started: {}", library_name_, error.what());
    }
  }

  Ort::SessionOptions settings(const SessionOptions& options) const {
    Ort::SessionOptions settings;
    settings.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    settings.SetIntraOpNumThreads(options.intra_op_threads);
    settings.SetInterOpNumThreads(1);
    settings.SetExecutionMode(ORT_SEQUENTIAL);
    settings.AddConfigEntry("session.use_env_allocators", "1");
    settings.AddConfigEntry("session.intra_op.allow_spinning", "0");
    if (!options.optimized_graph.empty()) settings.SetOptimizedModelFilePath(options.optimized_graph.c_str());
    if (provider_ == "cuda") settings.AppendExecutionProvider_CUDA_V2(*Ort::CUDAProviderOptions());
    return settings;
  }

  std::string provider_;
  std::string library_name_;
};

}  // namespace

std::vector<std::unique_ptr<Candidate>> onnxruntime_candidates() {
  std::vector<std::unique_ptr<Candidate>> all;
  all.push_back(std::make_unique<OnnxRuntimeCandidate>("cuda", "CUDAExecutionProvider"));
  all.push_back(std::make_unique<OnnxRuntimeCandidate>("cpu", "CPUExecutionProvider"));
  return all;
}

std::string onnxruntime_version() { return OrtGetApiBase()->GetVersionString(); }

std::vector<std::string> onnxruntime_providers() {
  if (library_problem()) return {};
  return Ort::GetAvailableProviders();
}

}  // namespace vivace::runtime
