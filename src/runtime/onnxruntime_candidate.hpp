#pragma once

#include <memory>
#include <vector>

#include "runtime/placement.hpp"

namespace vivace::runtime {

/// The candidates of ONNX Runtime: its accelerated providers, then the CPU.
std::vector<std::unique_ptr<Candidate>> onnxruntime_candidates();

}  // namespace vivace::runtime
