#include "tasks/embed/networks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/model.hpp"
#include "vivace/error.hpp"

namespace vivace::embed {
namespace {

using Shape = std::vector<std::int64_t>;

std::unique_ptr<runtime::Session> open_graph(const std::filesystem::path& folder, const model::Manifest& manifest,
                                             runtime::SessionOptions wanted) {
  wanted.graph = folder / manifest.file(model::graph_role(manifest, wanted.placement.backend)).path;
  return runtime::open_session(wanted);
}

std::string describe(const Shape& shape) {
  std::vector<std::string> parts;
  for (const std::int64_t size : shape) parts.push_back(size < 0 ? "any" : std::to_string(size));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

/// True where a graph that declares `declared` takes or gives tensors of shape `wanted` (-1: any).
bool compatible(const Shape& declared, const Shape& wanted) {
  return std::equal(declared.begin(), declared.end(), wanted.begin(), wanted.end(),
                    [](std::int64_t a, std::int64_t b) { return a < 0 || b < 0 || a == b; });
}

/// Throws unless `tensors` has a float32 tensor of that name and shape.
void check_tensor(const std::string& model, const std::vector<runtime::TensorInfo>& tensors, const char* role,
                  const std::string& name, const Shape& wanted) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& info) { return info.name == name; });
  if (found == tensors.end()) {
    std::vector<std::string> names;
    names.reserve(tensors.size());
    for (const auto& info : tensors) names.push_back(info.name);
    throw Error(ErrorCode::model_mismatch, "model '" + model + "'",
                fmt::format("the graph has no {} '{}' (it has: {}); correct [tensors] in the manifest", role, name,
                            fmt::join(names, ", ")));
  }
  if (found->element_type != "float32" || !compatible(found->shape, wanted)) {
    throw Error(ErrorCode::model_mismatch, "model '" + model + "'",
                fmt::format("{} '{}' is {} {}, the manifest says float32 {}", role, name, found->element_type,
                            describe(found->shape), describe(wanted)));
  }
}

std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

/// Throws where the first axis of the input, patches or frames, is fixed and the manifest says that it is free.
void check_batch(const std::string& model, const std::vector<runtime::TensorInfo>& inputs, const std::string& input,
                 const model::Patching& patch) {
  const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const auto& info) { return info.name == input; });
  const std::int64_t taken = found->shape.front();
  if (patch.fixed_batch > 0 || taken < 0) return;
  const std::string advice = patch.cut_by == "graph" ? "so it cannot cut the patches; set cut_by = \"host\" in [patch]"
                                                     : fmt::format("set fixed_batch = {} in [patch]", taken);
  throw Error(ErrorCode::model_mismatch, "model '" + model + "'",
              fmt::format("the first axis of '{}' is always {}; {}", input, taken, advice));
}

/// Grows `dst` by [rows, columns] and returns the new part.
std::span<float> grow(std::vector<float>& dst, std::size_t rows, std::size_t columns) {
  dst.resize(dst.size() + rows * columns);
  return std::span(dst).last(rows * columns);
}

/// Up to two outputs of one run, with their shapes.
class Outputs {
 public:
  void add(const std::string& name, std::span<float> values, std::size_t rows, std::size_t columns) {
    shapes_[count_] = {signed_size(rows), signed_size(columns)};
    tensors_[count_] = {name.c_str(), values, shapes_[count_]};
    ++count_;
  }
  std::span<const runtime::OutputTensor> tensors() const { return std::span(tensors_).first(count_); }

 private:
  std::array<std::array<std::int64_t, 2>, 2> shapes_{};
  std::array<runtime::OutputTensor, 2> tensors_{};
  std::size_t count_ = 0;
};

}  // namespace

PatchNetwork::PatchNetwork(const std::filesystem::path& folder, const model::Manifest& manifest,
                           runtime::SessionOptions wanted)
    : tensors_(manifest.tensors),
      patch_(*manifest.patch),
      bands_(manifest.front_end->bands),
      dimension_(manifest.embedding_dimension),
      label_count_(manifest.activations ? manifest.activations->labels.size() : 0),
      session_(open_graph(folder, manifest, std::move(wanted))) {
  const std::int64_t batch = patch_.fixed_batch == 0 ? -1 : signed_size(patch_.fixed_batch);
  const std::int64_t frames = signed_size(patch_.frames);
  const std::int64_t bands = signed_size(bands_);
  const Shape input = patch_.cut_by == "graph" ? Shape{-1, bands} : Shape{batch, frames, bands};
  check_tensor(manifest.name, session_->inputs(), "input", tensors_.input, input);
  check_batch(manifest.name, session_->inputs(), tensors_.input, patch_);
  if (dimension_ > 0) {
    check_tensor(manifest.name, session_->outputs(), "output", tensors_.embeddings, {batch, signed_size(dimension_)});
  }
  if (label_count_ > 0) {
    check_tensor(manifest.name, session_->outputs(), "output", tensors_.activations,
                 {batch, signed_size(label_count_)});
  }
}

void PatchNetwork::run(std::span<const float> patches, std::size_t count, std::vector<float>& embeddings,
                       std::vector<float>& activations) const {
  const std::size_t batch = patch_.fixed_batch == 0 ? count : patch_.fixed_batch;
  std::vector<float> padded;
  if (batch != count) {
    padded.assign(patches.begin(), patches.end());
    padded.resize(batch * patch_.frames * bands_, 0.0F);
    patches = padded;
  }
  const std::array<std::int64_t, 2> stretch{signed_size(patches.size() / bands_), signed_size(bands_)};
  const std::array<std::int64_t, 3> cut{signed_size(batch), signed_size(patch_.frames), signed_size(bands_)};
  const std::span<const std::int64_t> shape =
      patch_.cut_by == "graph" ? std::span<const std::int64_t>(stretch) : std::span<const std::int64_t>(cut);
  const runtime::InputTensor input{tensors_.input.c_str(), patches, shape};

  const std::size_t embeddings_before = embeddings.size();
  const std::size_t activations_before = activations.size();
  Outputs outputs;
  if (dimension_ > 0) outputs.add(tensors_.embeddings, grow(embeddings, batch, dimension_), batch, dimension_);
  if (label_count_ > 0) outputs.add(tensors_.activations, grow(activations, batch, label_count_), batch, label_count_);
  session_->run({&input, 1}, outputs.tensors());
  embeddings.resize(embeddings_before + count * dimension_);
  activations.resize(activations_before + count * label_count_);
}

HeadNetwork::HeadNetwork(const std::filesystem::path& folder, const model::Manifest& manifest,
                         runtime::SessionOptions wanted)
    : tensors_(manifest.tensors),
      dimension_(manifest.extractor->dimension),
      labels_(manifest.activations->labels),
      session_(open_graph(folder, manifest, std::move(wanted))) {
  check_tensor(manifest.name, session_->inputs(), "input", tensors_.input, {-1, signed_size(dimension_)});
  check_tensor(manifest.name, session_->outputs(), "output", tensors_.activations, {-1, signed_size(labels_.size())});
}

void HeadNetwork::run(std::span<const float> embeddings, std::size_t rows, std::vector<float>& activations) const {
  const std::array<std::int64_t, 2> shape{signed_size(rows), signed_size(dimension_)};
  const runtime::InputTensor input{tensors_.input.c_str(), embeddings, shape};
  Outputs outputs;
  outputs.add(tensors_.activations, grow(activations, rows, labels_.size()), rows, labels_.size());
  session_->run({&input, 1}, outputs.tensors());
}

}  // namespace vivace::embed
