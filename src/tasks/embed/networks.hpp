#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/manifest.hpp"
#include "runtime/session.hpp"

namespace vivace::embed {

/// The graph of an extractor: patches in, embeddings and activations out. Safe from many threads.
class PatchNetwork {
 public:
  /// `wanted` names backend, provider and threads; its graph is set from the folder.
  /// Throws Error(model_mismatch) where the graph's tensors do not fit the manifest.
  PatchNetwork(const std::filesystem::path& folder, const model::Manifest& manifest, runtime::SessionOptions wanted);

  std::size_t dimension() const { return dimension_; }
  std::size_t label_count() const { return label_count_; }
  const std::string& placement() const { return session_->placement(); }

  /// Runs `count` patches. `patches` is as PatchCutter::batch gives it; for a graph with a fixed batch it may grow,
  /// padded with zeros. Appends [count, dimension] to `embeddings` and [count, labels] to `activations`.
  void run(std::span<const float> patches, std::size_t count, std::vector<float>& embeddings,
           std::vector<float>& activations) const;

 private:
  model::TensorRoles tensors_;
  model::Patching patch_;
  std::size_t bands_;
  std::size_t dimension_;
  std::size_t label_count_;
  std::unique_ptr<runtime::Session> session_;
};

/// The graph of a classifier head: embeddings in, activations out. Safe from many threads.
class HeadNetwork {
 public:
  HeadNetwork(const std::filesystem::path& folder, const model::Manifest& manifest, runtime::SessionOptions wanted);

  const std::vector<std::string>& labels() const { return labels_; }

  /// Runs `rows` embeddings [rows, dimension]; appends [rows, labels] to `activations`.
  void run(std::span<const float> embeddings, std::size_t rows, std::vector<float>& activations) const;

 private:
  model::TensorRoles tensors_;
  std::size_t dimension_;
  std::vector<std::string> labels_;
  std::unique_ptr<runtime::Session> session_;
};

}  // namespace vivace::embed
