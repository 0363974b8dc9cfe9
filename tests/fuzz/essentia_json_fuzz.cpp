// Metadata is refused with an Error or, with the tensors of a graph, becomes a manifest that reads back equal.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/essentia_import.hpp"
#include "model/essentia_metadata.hpp"
#include "model/essentia_recipe.hpp"
#include "model/essentia_roles.hpp"
#include "vivace/error.hpp"

namespace {

using namespace vivace;

struct Graph {
  std::vector<runtime::TensorInfo> inputs;
  std::vector<runtime::TensorInfo> outputs;
};

runtime::TensorInfo tensor(const char* name, std::vector<std::int64_t> shape) {
  return {name, "float32", std::move(shape)};
}

/// An extractor and a head, each with the official names and with TensorFlow's.
const std::vector<Graph>& graphs() {
  static const std::vector<Graph> all{
      {{tensor("melspectrogram", {-1, 128, 96})}, {tensor("activations", {-1, 2}), tensor("embeddings", {-1, 1280})}},
      {{tensor("serving_default_melspectrogram", {64, 128, 96})},
       {tensor("PartitionedCall:0", {64, 2}), tensor("PartitionedCall:1", {64, 1280})}},
      {{tensor("embeddings", {-1, 1280})}, {tensor("activations", {-1, 2})}},
      {{tensor("model/Placeholder:0", {-1, 1280})},
       {tensor("model/Softmax:0", {-1, 2}), tensor("model/dense/BiasAdd:0", {-1, 100})}}};
  return all;
}

void import_model(const model::EssentiaMetadata& metadata, const Graph& graph) {
  model::Manifest manifest;
  try {
    const auto roles = model::find_roles(metadata, graph.inputs, graph.outputs, {});
    manifest = model::describe_essentia("fuzz-1.onnx", metadata, roles).manifest;
    manifest.files.push_back({"graph", "model.onnx", 1, std::string(64, '0')});
    model::parse_manifest(model::to_toml(manifest), "imported");
  } catch (const Error&) {
    return;
  }
  if (model::parse_manifest(model::to_toml(manifest), "imported") != manifest) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto metadata = model::parse_essentia_metadata({reinterpret_cast<const char*>(data), size});
    model::plain_model_name(metadata.embedding_model);
    for (const Graph& graph : graphs()) import_model(metadata, graph);
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
