#include "model/essentia_roles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/files.hpp"
#include "model/essentia_recipe.hpp"
#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

using runtime::TensorInfo;

constexpr const char* kEmbeddings = "embeddings";
constexpr const char* kPredictions = "predictions";
constexpr const char* kUsualMaestLayer = "Identity_7";  // the layer that Essentia's documentation recommends

/// TensorFlow writes the first output of an operation with or without ":0".
std::string plain_name(std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  return name;
}

/// "model/dense_1/BiasAdd:0" -> "BiasAdd".
std::string last_part(const std::string& name) {
  const std::string path = name.substr(0, name.rfind(':'));
  return path.substr(path.rfind('/') + 1);
}

/// The kind of activations that an operation computes, "" where the word does not tell.
std::string kind_of(const std::string& op) {
  const std::string word = base::lower_case(op);
  if (word.find("sigmoid") != std::string::npos) return "sigmoid";
  if (word.find("softmax") != std::string::npos) return "softmax";
  if (word.starts_with("identity") || word == "linear") return "regression";
  // A whole network behind one call: the published ones (Discogs styles) are multi-label.
  if (word.ends_with("partitionedcall")) return "sigmoid";
  return "";
}

bool squashes(const std::string& op) {
  const std::string word = base::lower_case(op);
  return word.find("sigmoid") != std::string::npos || word.find("softmax") != std::string::npos;
}

std::int64_t width_of(const std::vector<std::int64_t>& shape) { return shape.empty() ? -1 : shape.back(); }

std::string list_of(const std::vector<TensorInfo>& tensors) {
  std::vector<std::string> rows;
  rows.reserve(tensors.size());
  for (const TensorInfo& tensor : tensors) {
    rows.push_back(fmt::format("{} {}", in_quotes(tensor.name), shape_text(tensor.shape)));
  }
  return rows.empty() ? "none" : fmt::format("{}", fmt::join(rows, ", "));
}

class OutputFinder {
 public:
  OutputFinder(const EssentiaMetadata& metadata, const std::vector<TensorInfo>& outputs)
      : metadata_(metadata), outputs_(outputs) {}

  std::optional<TensorInfo> embeddings() const {
    std::vector<TensorInfo> candidates = with_purpose(kEmbeddings);
    if (candidates.size() > 1) {
      keep_if(candidates, [](const TensorInfo& tensor) { return last_part(tensor.name) == kUsualMaestLayer; });
    }
    return the_only(candidates, kEmbeddings);
  }

  std::optional<TensorInfo> activations() const {
    std::vector<TensorInfo> candidates = with_purpose(kPredictions);
    if (candidates.size() > 1) {
      keep_if(candidates, [&](const TensorInfo& tensor) { return squashes(op_of(tensor)); });
    }
    return the_only(candidates, "activations");
  }

  std::string kind(const TensorInfo& activations) const {
    const EssentiaTensor* described = description_of(activations);
    if (!described) described = described_predictions();
    std::string kind = described ? kind_of(described->op) : "";
    if (kind.empty() && described) kind = kind_of(last_part(described->name));
    if (kind.empty()) kind = kind_of(last_part(activations.name));
    if (kind.empty()) {
      throw Error(ErrorCode::model_mismatch,
                  fmt::format("output {}: the metadata does not say what computes it (op {}); Sigmoid, Softmax and "
                              "Identity are known",
                              in_quotes(activations.name), in_quotes(described ? described->op : "")));
    }
    return kind;
  }

 private:
  template <typename Test>
  static void keep_if(std::vector<TensorInfo>& tensors, const Test& test) {
    if (!std::any_of(tensors.begin(), tensors.end(), test)) return;
    std::erase_if(tensors, [&](const TensorInfo& tensor) { return !test(tensor); });
  }

  std::vector<TensorInfo> with_purpose(const std::string& purpose) const {
    std::vector<TensorInfo> found;
    for (const TensorInfo& output : outputs_) {
      if (output.shape.size() == 2 && purpose_of(output) == purpose) found.push_back(output);
    }
    if (found.empty()) {
      if (const TensorInfo* output = only_one_of_its_width(purpose)) found.push_back(*output);
    }
    return found;
  }

  /// What an output is for by its name and the metadata of that name; "" where neither tells.
  std::string purpose_of(const TensorInfo& output) const {
    const EssentiaTensor* described = description_of(output);
    if (described && !described->purpose.empty()) return described->purpose;
    const std::string word = last_part(output.name);
    if (word == kEmbeddings) return kEmbeddings;
    if (word == "activations" || word == kPredictions) return kPredictions;
    const std::string op = op_of(output);
    if (squashes(op)) return kPredictions;
    // Without a purpose: Discogs-EffNet's and MusiCNN's embeddings, by the operation and the name they have had so far.
    if (op == "Flatten" || plain_name(output.name) == "model/dense/BiasAdd") return kEmbeddings;
    return kind_of(op) == "regression" ? kPredictions : "";
  }

  const EssentiaTensor* description_of(const TensorInfo& output) const {
    const auto same = [&](const EssentiaTensor& tensor) { return plain_name(tensor.name) == plain_name(output.name); };
    const auto found = std::find_if(metadata_.outputs.begin(), metadata_.outputs.end(), same);
    return found == metadata_.outputs.end() ? nullptr : &*found;
  }

  /// The output that the metadata describes as predictions, whatever the graph calls it.
  const EssentiaTensor* described_predictions() const {
    const EssentiaTensor* best = nullptr;
    for (const EssentiaTensor& tensor : metadata_.outputs) {
      const bool fits = tensor.purpose == kPredictions || (tensor.purpose.empty() && squashes(tensor.op));
      if (fits && (!best || (squashes(tensor.op) && !squashes(best->op)))) best = &tensor;
    }
    return best;
  }

  std::string op_of(const TensorInfo& output) const {
    const EssentiaTensor* described = description_of(output);
    return described && !described->op.empty() ? described->op : last_part(output.name);
  }

  /// The output of the width that the metadata gives for a purpose, where neither side has that width twice.
  const TensorInfo* only_one_of_its_width(const std::string& purpose) const {
    for (const EssentiaTensor& tensor : metadata_.outputs) {
      const std::int64_t width = width_of(tensor.shape);
      if (tensor.purpose != purpose || width < 1) continue;
      const auto same_width = [width](const auto& other) { return width_of(other.shape) == width; };
      if (std::count_if(metadata_.outputs.begin(), metadata_.outputs.end(), same_width) != 1) continue;
      if (std::count_if(outputs_.begin(), outputs_.end(), same_width) != 1) continue;
      const TensorInfo& output = *std::find_if(outputs_.begin(), outputs_.end(), same_width);
      if (output.shape.size() == 2 && purpose_of(output).empty()) return &output;
    }
    return nullptr;
  }

  std::optional<TensorInfo> the_only(const std::vector<TensorInfo>& candidates, const std::string& role) const {
    if (candidates.size() > 1) {
      throw Error(ErrorCode::model_mismatch,
                  fmt::format("outputs {} may all be the {}; choose one by its name", list_of(candidates), role));
    }
    return candidates.empty() ? std::nullopt : std::optional(candidates.front());
  }

  const EssentiaMetadata& metadata_;
  const std::vector<TensorInfo>& outputs_;
};

TensorInfo named(const std::vector<TensorInfo>& tensors, const std::string& name, const char* what) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  if (found != tensors.end()) return *found;
  throw Error(ErrorCode::model_mismatch,
              fmt::format("the graph has no {} {}; it has {}", what, in_quotes(name), list_of(tensors)));
}

TensorInfo find_input(const EssentiaMetadata& metadata, const std::vector<TensorInfo>& inputs,
                      const std::string& chosen) {
  if (!chosen.empty()) return named(inputs, chosen, "input");
  if (inputs.size() == 1) return inputs.front();
  for (const EssentiaTensor& described : metadata.inputs) {
    for (const TensorInfo& input : inputs) {
      if (plain_name(input.name) == plain_name(described.name)) return input;
    }
  }
  throw Error(ErrorCode::model_mismatch,
              fmt::format("the graph has the inputs {}; choose one by its name", list_of(inputs)));
}

void require_float32(const TensorInfo& tensor) {
  if (tensor.element_type == "float32") return;
  throw Error(ErrorCode::model_mismatch,
              fmt::format("tensor {} is {}, must be float32", in_quotes(tensor.name), tensor.element_type));
}

}  // namespace

GraphRoles find_roles(const EssentiaMetadata& metadata, const std::vector<TensorInfo>& inputs,
                      const std::vector<TensorInfo>& outputs, const TensorRoles& chosen) {
  const OutputFinder finder(metadata, outputs);
  const bool head = is_essentia_head(metadata.algorithm);
  GraphRoles roles;
  roles.input = find_input(metadata, inputs, chosen.input);
  roles.activations = chosen.activations.empty() ? finder.activations() : named(outputs, chosen.activations, "output");
  if (!head) {
    roles.embeddings = chosen.embeddings.empty() ? finder.embeddings() : named(outputs, chosen.embeddings, "output");
  }
  if (!roles.activations && !roles.embeddings) {
    throw Error(ErrorCode::model_mismatch,
                fmt::format("no output can be told to be the {}; the graph has {}; choose one by its name",
                            head ? "activations" : "embeddings or the activations", list_of(outputs)));
  }
  require_float32(roles.input);
  if (roles.embeddings) require_float32(*roles.embeddings);
  if (roles.activations) {
    require_float32(*roles.activations);
    roles.activation_kind = finder.kind(*roles.activations);
  }
  return roles;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> axes;
  axes.reserve(shape.size());
  for (const std::int64_t axis : shape) {
    axes.push_back(axis >= 0 ? fmt::format("{}", axis) : axes.empty() ? "batch" : "?");
  }
  return fmt::format("[{}]", fmt::join(axes, ", "));
}

}  // namespace vivace::model
