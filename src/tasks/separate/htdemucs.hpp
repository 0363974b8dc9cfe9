#pragma once

#include <memory>
#include <vector>

#include "tasks/separate/graph.hpp"
#include "tasks/separate/network.hpp"
#include "tasks/separate/opened_model.hpp"

namespace vivace::separate {

/// A graph of a bag, and what it adds to each stem of the model.
struct BagGraph {
  Graph graph;
  std::vector<double> weights;
};

/// HTDemucs (S. Rouard, F. Massa, A. Défossez, 2022) in both forms in which it is exported: the waveform [1, 2, frames]
/// to stems [1, stems, 2, frames]; or the waveform and its spectrum [1, 4, bins, frames] to two parts of the stems, the
/// spectral one [1, stems, 4, bins, frames] and the temporal one [1, stems, 2, frames], which are added. Throws
/// Error(model_mismatch).
std::unique_ptr<Network> open_htdemucs(std::vector<BagGraph> bag, const model::Manifest& manifest,
                                       const std::vector<std::size_t>& wanted, const SeparateOptions& options);

}  // namespace vivace::separate
