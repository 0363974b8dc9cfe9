#include "runtime/openvino/openvino_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/current_error.hpp"
#include "base/machine.hpp"
#include "runtime/openvino/openvino_values.hpp"
#include "runtime/shape_fit.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime::openvino {
namespace {

/// Streams for as many callers as there are cores, each with the threads that a session was given; nothing pinned, so
/// that sessions and processes do not gather on the same core.
ov::AnyMap settings(const SessionOptions& options) {
  const int cores = static_cast<int>(base::usable_cores(base::read_machine()));
  const int streams = std::max(1, cores / std::max(1, options.intra_op_threads));
  const std::string& precision = options.placement.precision;
  const ov::element::Type type = precision == "bf16"   ? ov::element::bf16
                                 : precision == "fp16" ? ov::element::f16
                                                       : ov::element::f32;
  ov::AnyMap settings{ov::hint::inference_precision(type), ov::num_streams(ov::streams::Num(streams)),
                      ov::inference_num_threads(streams * options.intra_op_threads),
                      ov::hint::enable_cpu_pinning(false)};
  for (const auto& [key, value] : options.placement.provider_settings) settings[key] = value;
  return settings;
}

/// Throws Error(unsupported) for elements of a type that is not passed.
template <typename Port>
TensorInfo tensor_info(const std::string& path, const Port& port) {
  const auto type = element_type_of(port.get_element_type());
  if (!type) {
    throw Error(ErrorCode::unsupported, path,
                fmt::format("'{}' has elements of type {}, which are not passed to and from OpenVINO",
                            port.get_any_name(), port.get_element_type().get_type_name()));
  }
  TensorInfo info{port.get_any_name(), std::string(element_type_name(*type)), {}};
  for (const ov::Dimension& axis : port.get_partial_shape())
    info.shape.push_back(axis.is_static() ? axis.get_length() : -1);
  return info;
}

std::size_t index_of(const std::vector<TensorInfo>& tensors, const std::string& path, const char* role,
                     const std::string& name) {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const TensorInfo& info) { return info.name == name; });
  if (found == tensors.end()) {
    throw Error(ErrorCode::model_mismatch, path, fmt::format("the graph has no {} '{}'", role, name));
  }
  return static_cast<std::size_t>(found - tensors.begin());
}

std::string placement_of(const std::string& precision) {
  const bool is_lowered = precision == "bf16" || precision == "fp16";
  return is_lowered ? "openvino/cpu " + precision : "openvino/cpu";
}

/// Throws unless a tensor is what the graph declares.
void require_fit(const std::string& path, const TensorInfo& declared, std::string_view type,
                 std::span<const std::int64_t> shape) {
  if (fits(shape, declared.shape) && declared.element_type == type) return;
  throw Error(ErrorCode::model_mismatch, path,
              fmt::format("tensor '{}' is {} {}, the graph wants {} {} (-1: any)", declared.name, type,
                          to_text({shape.begin(), shape.end()}), declared.element_type, to_text(declared.shape)));
}

/// Throws where the result does not have the shape that the caller has memory for.
void copy_out(const std::string& path, const ov::Tensor& result, const OutputTensor& dst) {
  const ov::Shape& sizes = result.get_shape();
  const Shape shape(sizes.begin(), sizes.end());
  if (!std::equal(shape.begin(), shape.end(), dst.shape.begin(), dst.shape.end())) {
    throw Error(ErrorCode::model_mismatch, path,
                fmt::format("output '{}' came out as {}, not as {}", dst.name, to_text(shape),
                            to_text({dst.shape.begin(), dst.shape.end()})));
  }
  std::copy_n(result.data<float>(), dst.values.size(), dst.values.begin());
}

/// What is being handled, as an Error.
Error failure(const std::string& path) {
  try {
    throw;
  } catch (const ov::Exception& error) {
    return {ErrorCode::internal, path, fmt::format("OpenVINO: {}", error.what())};
  } catch (...) {
    return base::current_error();
  }
}

}  // namespace

// Never destroyed: its plug-ins run threads that must not be waited for while the process ends.
ov::Core& openvino_core() {
  static auto* const core = new ov::Core;
  return *core;
}

/// A request for the time of a run. One that an error left half-way is dropped.
class OpenVinoSession::Lease {
 public:
  /// Throws Error.
  explicit Lease(const OpenVinoSession& session) : session_(session) {
    try {
      take();
    } catch (...) {
      throw failure(session.path_);
    }
  }
  ov::InferRequest& request() { return request_; }
  /// Where there is no memory to keep the request, it goes.
  void give_back() noexcept {
    const std::lock_guard lock(session_.mutex_);
    try {
      session_.idle_.push_back(std::move(request_));
    } catch (const std::bad_alloc&) {
      request_ = {};
    }
  }

 private:
  void take() {
    const std::lock_guard lock(session_.mutex_);
    if (session_.idle_.empty()) {
      request_ = session_.model_.create_infer_request();
    } else {
      request_ = std::move(session_.idle_.back());
      session_.idle_.pop_back();
    }
  }

  const OpenVinoSession& session_;
  ov::InferRequest request_;
};

OpenVinoSession::OpenVinoSession(const SessionOptions& options)
    : path_(options.graph.string()),
      placement_(placement_of(options.placement.precision)),
      model_(openvino_core().compile_model(openvino_core().read_model(path_), "CPU", settings(options))) {
  for (const auto& port : model_.inputs()) inputs_.push_back(tensor_info(path_, port));
  for (const auto& port : model_.outputs()) outputs_.push_back(tensor_info(path_, port));
}

std::size_t OpenVinoSession::input_index(const std::string& name) const {
  return index_of(inputs_, path_, "input", name);
}

std::size_t OpenVinoSession::output_index(const std::string& name) const {
  return index_of(outputs_, path_, "output", name);
}

void OpenVinoSession::require_all_inputs(std::size_t given) const {
  if (given == inputs_.size()) return;
  throw Error(ErrorCode::model_mismatch, path_,
              fmt::format("the graph has {} inputs, {} were given", inputs_.size(), given));
}

void OpenVinoSession::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) const {
  require_all_inputs(inputs.size());
  for (const OutputTensor& output : outputs) {
    require_fit(path_, outputs_[output_index(output.name)], "float32", output.shape);
  }
  Lease lease(*this);
  try {
    for (const InputTensor& input : inputs) {
      const std::size_t index = input_index(input.name);
      require_fit(path_, inputs_[index], "float32", input.shape);
      const ov::Shape shape(input.shape.begin(), input.shape.end());
      lease.request().set_input_tensor(index, {ov::element::f32, shape, const_cast<float*>(input.values.data())});
    }
    lease.request().infer();
    for (const OutputTensor& output : outputs) {
      copy_out(path_, lease.request().get_output_tensor(output_index(output.name)), output);
    }
  } catch (...) {
    throw failure(path_);
  }
  lease.give_back();
}

std::vector<Tensor> OpenVinoSession::run(std::span<const NamedTensor> inputs, std::span<const std::string> outputs,
                                         const std::stop_token& stop) const {
  require_all_inputs(inputs.size());
  std::vector<std::size_t> wanted;
  for (const std::string& output : outputs) wanted.push_back(output_index(output));
  Lease lease(*this);
  std::vector<Tensor> results;
  try {
    for (const NamedTensor& input : inputs) {
      const std::size_t index = input_index(input.name);
      require_fit(path_, inputs_[index], element_type_name(input.tensor.type()), input.tensor.shape());
      lease.request().set_input_tensor(index, to_value(input.tensor));
    }
    const std::stop_callback cancel(stop, [&lease] { lease.request().cancel(); });
    lease.request().start_async();
    lease.request().wait();
    for (const std::size_t index : wanted) results.push_back(to_tensor(lease.request().get_output_tensor(index)));
  } catch (...) {
    if (stop.stop_requested()) throw Error(ErrorCode::cancelled, path_, "stopped while it ran");
    throw failure(path_);
  }
  if (stop.stop_requested()) throw Error(ErrorCode::cancelled, path_, "stopped while it ran");
  lease.give_back();
  return results;
}

std::vector<ProviderNodes> OpenVinoSession::nodes() const {
  ProviderNodes all{"CPU", 0, {}};
  for (const auto& node : model_.get_runtime_model()->get_ordered_ops()) {
    const auto& facts = node->get_rt_info();
    const auto fact = [&facts](const char* key) {
      const auto found = facts.find(key);
      return found == facts.end() ? std::string() : found->second.as<std::string>();
    };
    all.nodes.push_back(fmt::format("{} ({}) {} {}", fact("layerType"), node->get_friendly_name(),
                                    fact("runtimePrecision"), fact("primitiveType")));
  }
  all.count = all.nodes.size();
  return {all};
}

}  // namespace vivace::runtime::openvino
