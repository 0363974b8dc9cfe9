#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/session.hpp"

namespace vivace::separate {

using Axes = std::vector<std::int64_t>;  ///< -1: any

/// A graph of float32 tensors that are known by their ranks. Safe from many threads.
class Graph {
 public:
  Graph(std::string model, std::shared_ptr<const runtime::Session> session);

  const std::string& placement() const { return session_->placement(); }
  std::size_t inputs() const { return session_->inputs().size(); }
  std::size_t outputs() const { return session_->outputs().size(); }

  /// The axes of the one input or output with this rank. Throws Error(model_mismatch) where there is none, or more than
  /// one.
  Axes input_axes(std::size_t rank) const;
  Axes output_axes(std::size_t rank) const;

  struct Input {
    std::span<const float> values;
    Axes shape;
  };
  struct Output {
    std::span<float> values;
    Axes shape;
  };
  /// Inputs and outputs find their tensors by their ranks.
  void run(const std::vector<Input>& inputs, const std::vector<Output>& outputs) const;

  /// Throws Error(model_mismatch) that begins with the model's name.
  [[noreturn]] void mismatch(const std::string& message) const;
  /// Throws where an axis of `axes` is fixed to another length than `wanted` (-1: any).
  void require(const char* what, const Axes& axes, const Axes& wanted) const;

 private:
  const runtime::TensorInfo& of_rank(const std::vector<runtime::TensorInfo>& tensors, std::size_t rank,
                                     const char* kind) const;

  std::string model_;
  std::shared_ptr<const runtime::Session> session_;
};

}  // namespace vivace::separate
