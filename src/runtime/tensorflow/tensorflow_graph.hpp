#pragma once

#include <tensorflow/c/c_api.h>

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/session.hpp"
#include "runtime/tensorflow/tensorflow_values.hpp"

namespace vivace::runtime::tensorflow {

/// A loaded graph with its session. Running it is safe from many threads.
class TensorFlowGraph {
 public:
  /// A tensor of the graph under the name that users give it.
  struct Port {
    TensorInfo info;
    TF_Output tensor;
  };

  /// `path` is a file with a frozen GraphDef, whose placeholders are the inputs and whose last operations are the
  /// outputs; or the folder of a SavedModel, whose signature names both. Throws Error: not_found, model_mismatch.
  TensorFlowGraph(const std::filesystem::path& path, int intra_op_threads);
  TensorFlowGraph(const TensorFlowGraph&) = delete;
  TensorFlowGraph& operator=(const TensorFlowGraph&) = delete;
  ~TensorFlowGraph();

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }

  /// The input of that name. Throws Error(model_mismatch).
  const Port& input(const std::string& name) const;
  /// The output of that name, or any operation's: "dense/BiasAdd" or "dense/BiasAdd:0". Throws Error(model_mismatch).
  Port output(const std::string& name) const;

  /// Computes the outputs. Throws Error: model_mismatch (tensors that do not fit), internal.
  std::vector<TensorFlowPointer<TF_Tensor>> run(const std::vector<TF_Output>& inputs,
                                                const std::vector<TF_Tensor*>& values,
                                                const std::vector<TF_Output>& outputs) const;

  /// "Conv2D (conv1)" of every operation.
  std::vector<std::string> operations() const;

 private:
  void load_frozen(const TF_SessionOptions& options);
  void load_saved_model(const TF_SessionOptions& options);
  void find_ports_by_operation();
  Port port(const std::string& name, TF_Output tensor) const;
  TF_Output find_tensor(const std::string& name) const;

  std::filesystem::path path_;
  TensorFlowPointer<TF_Graph> graph_;
  TF_Session* session_ = nullptr;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
};

}  // namespace vivace::runtime::tensorflow
