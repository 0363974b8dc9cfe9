#include "runtime/tensorflow/tensorflow_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/files.hpp"
#include "runtime/tensorflow/saved_model_signature.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime::tensorflow {
namespace {

// Protobuf, which TensorFlow reads graphs with, ends there.
constexpr std::size_t kLargestGraph = (std::size_t{1} << 31U) - 1;

TensorFlowPointer<TF_Status> new_status() { return TensorFlowPointer<TF_Status>(TF_NewStatus()); }

bool failed(const TensorFlowPointer<TF_Status>& status) { return TF_GetCode(status.get()) != TF_OK; }

void require_loaded(const TensorFlowPointer<TF_Status>& status, const std::filesystem::path& path, const char* kind) {
  if (!failed(status)) return;
  throw Error(ErrorCode::model_mismatch, path.string(),
              fmt::format("not a {} that TensorFlow {} can load ({}); a model needs a file with role = \"tensorflow\"",
                          kind, TF_Version(), TF_Message(status.get())));
}

/// A tensorflow.ConfigProto with these threads: fields 2 (intra_op_parallelism_threads) and 5 (inter_op_…).
TensorFlowPointer<TF_SessionOptions> session_options(int intra_op_threads) {
  TensorFlowPointer<TF_SessionOptions> options(TF_NewSessionOptions());
  const auto threads = static_cast<char>(std::clamp(intra_op_threads, 1, 127));
  const std::string config{2 << 3, threads, 5 << 3, 1};
  const auto status = new_status();
  TF_SetConfig(options.get(), config.data(), config.size(), status.get());
  return options;
}

template <typename Visit>
void for_each_operation(TF_Graph* graph, Visit visit) {
  std::size_t position = 0;
  while (TF_Operation* operation = TF_GraphNextOperation(graph, &position)) visit(operation);
}

bool is_consumed(TF_Operation* operation) {
  for (int i = 0; i < TF_OperationNumOutputs(operation); ++i) {
    if (TF_OperationOutputNumConsumers({operation, i}) > 0) return true;
  }
  return false;
}

Shape declared_shape(TF_Graph* graph, TF_Output tensor) {
  const auto status = new_status();
  const int axes = TF_GraphGetTensorNumDims(graph, tensor, status.get());
  if (failed(status) || axes < 0) return {};
  Shape shape(static_cast<std::size_t>(axes));
  TF_GraphGetTensorShape(graph, tensor, shape.data(), axes, status.get());
  return shape;
}

}  // namespace

TensorFlowGraph::TensorFlowGraph(const std::filesystem::path& path, int intra_op_threads)
    : path_(path), graph_(TF_NewGraph()) {
  const auto options = session_options(intra_op_threads);
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) {
    load_saved_model(*options);
  } else {
    load_frozen(*options);
  }
}

TensorFlowGraph::~TensorFlowGraph() {
  if (session_ == nullptr) return;
  const auto status = new_status();
  TF_CloseSession(session_, status.get());
  TF_DeleteSession(session_, status.get());
}

void TensorFlowGraph::load_frozen(const TF_SessionOptions& options) {
  const std::string bytes = base::read_file(path_, kLargestGraph);
  const TensorFlowPointer<TF_Buffer> definition(TF_NewBufferFromString(bytes.data(), bytes.size()));
  const TensorFlowPointer<TF_ImportGraphDefOptions> import_options(TF_NewImportGraphDefOptions());
  const auto status = new_status();
  TF_GraphImportGraphDef(graph_.get(), definition.get(), import_options.get(), status.get());
  require_loaded(status, path_, "frozen graph");
  session_ = TF_NewSession(graph_.get(), &options, status.get());
  require_loaded(status, path_, "frozen graph");
  find_ports_by_operation();
}

void TensorFlowGraph::load_saved_model(const TF_SessionOptions& options) {
  const char* const tag = "serve";
  const TensorFlowPointer<TF_Buffer> meta_graph(TF_NewBuffer());
  const auto status = new_status();
  session_ = TF_LoadSessionFromSavedModel(&options, nullptr, path_.c_str(), &tag, 1, graph_.get(), meta_graph.get(),
                                          status.get());
  require_loaded(status, path_, "SavedModel");
  const SavedModelSignature signature =
      read_signature({static_cast<const char*>(meta_graph->data), meta_graph->length});
  for (const auto& [name, tensor] : signature.inputs) inputs_.push_back(port(name, find_tensor(tensor)));
  for (const auto& [name, tensor] : signature.outputs) outputs_.push_back(port(name, find_tensor(tensor)));
  if (outputs_.empty()) find_ports_by_operation();
}

void TensorFlowGraph::find_ports_by_operation() {
  for_each_operation(graph_.get(), [this](TF_Operation* operation) {
    const std::string_view kind = TF_OperationOpType(operation);
    if (kind == "Placeholder") {
      inputs_.push_back(port(TF_OperationName(operation), {operation, 0}));
    } else if (kind != "Const" && TF_OperationNumOutputs(operation) > 0 && !is_consumed(operation)) {
      outputs_.push_back(port(TF_OperationName(operation), {operation, 0}));
    }
  });
  if (inputs_.empty() || outputs_.empty()) {
    throw Error(ErrorCode::model_mismatch, path_.string(), "the graph has no placeholder, or nothing comes out of it");
  }
}

TensorFlowGraph::Port TensorFlowGraph::port(const std::string& name, TF_Output tensor) const {
  const auto type = element_type_of(TF_OperationOutputType(tensor));
  return {{name, type ? std::string(element_type_name(*type)) : "other", declared_shape(graph_.get(), tensor)}, tensor};
}

/// "name" or "name:1"; a null operation where there is none.
TF_Output TensorFlowGraph::find_tensor(const std::string& name) const {
  const std::size_t colon = name.rfind(':');
  int index = 0;
  if (colon != std::string::npos) std::from_chars(name.data() + colon + 1, name.data() + name.size(), index);
  TF_Operation* operation = TF_GraphOperationByName(graph_.get(), name.substr(0, colon).c_str());
  if (operation == nullptr || index < 0 || index >= TF_OperationNumOutputs(operation)) {
    throw Error(ErrorCode::model_mismatch, path_.string(), fmt::format("the graph has no tensor '{}'", name));
  }
  return {operation, index};
}

const TensorFlowGraph::Port& TensorFlowGraph::input(const std::string& name) const {
  const auto found = std::find_if(inputs_.begin(), inputs_.end(), [&](const Port& p) { return p.info.name == name; });
  if (found != inputs_.end()) return *found;
  throw Error(ErrorCode::model_mismatch, path_.string(), fmt::format("the graph has no input '{}'", name));
}

TensorFlowGraph::Port TensorFlowGraph::output(const std::string& name) const {
  const auto found = std::find_if(outputs_.begin(), outputs_.end(), [&](const Port& p) { return p.info.name == name; });
  return found != outputs_.end() ? *found : port(name, find_tensor(name));
}

std::vector<TensorFlowPointer<TF_Tensor>> TensorFlowGraph::run(const std::vector<TF_Output>& inputs,
                                                               const std::vector<TF_Tensor*>& values,
                                                               const std::vector<TF_Output>& outputs) const {
  std::vector<TF_Tensor*> results(outputs.size(), nullptr);
  const auto status = new_status();
  TF_SessionRun(session_, nullptr, inputs.data(), values.data(), static_cast<int>(inputs.size()), outputs.data(),
                results.data(), static_cast<int>(outputs.size()), nullptr, 0, nullptr, status.get());
  std::vector<TensorFlowPointer<TF_Tensor>> owned;
  owned.reserve(results.size());
  for (TF_Tensor* result : results) owned.emplace_back(result);
  if (!failed(status)) return owned;
  const bool mismatch = TF_GetCode(status.get()) == TF_INVALID_ARGUMENT;
  const bool memory = TF_GetCode(status.get()) == TF_RESOURCE_EXHAUSTED;
  throw Error(memory     ? ErrorCode::resource_exhausted
              : mismatch ? ErrorCode::model_mismatch
                         : ErrorCode::internal,
              path_.string(), fmt::format("TensorFlow: {}", TF_Message(status.get())));
}

std::vector<std::string> TensorFlowGraph::operations() const {
  std::vector<std::string> all;
  for_each_operation(graph_.get(), [&](TF_Operation* operation) {
    all.push_back(fmt::format("{} ({})", TF_OperationOpType(operation), TF_OperationName(operation)));
  });
  return all;
}

}  // namespace vivace::runtime::tensorflow
