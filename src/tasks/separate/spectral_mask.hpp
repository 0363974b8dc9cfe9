#pragma once

#include <memory>

#include "tasks/separate/graph.hpp"
#include "tasks/separate/network.hpp"
#include "tasks/separate/opened_model.hpp"

namespace vivace::separate {

/// Networks that estimate the magnitudes of stems from those of the mix, as Spleeter's do: `mag` [batch, 2, frames,
/// bins] to [batch, stems, 2, frames, bins]. Each stem is the mix's spectrum times its share of the squared estimates.
/// Segments lie on a fixed grid of frames that begins `fft` zeros before the track; that is Spleeter's own framing, and
/// another one gives other stems. Throws Error(model_mismatch).
std::unique_ptr<Network> open_spectral_mask(Graph graph, const model::Manifest& manifest,
                                            const std::vector<std::size_t>& wanted, const SeparateOptions& options);

}  // namespace vivace::separate
