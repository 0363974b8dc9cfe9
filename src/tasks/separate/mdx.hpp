#pragma once

#include <memory>

#include "tasks/separate/graph.hpp"
#include "tasks/separate/network.hpp"
#include "tasks/separate/opened_model.hpp"

namespace vivace::separate {

/// MDX-Net models as Ultimate Vocal Remover has them: the lowest bins of the mix's spectrum, [batch, 4, bins, frames]
/// with left real, left imaginary, right real and right imaginary parts, to those of one stem. Segments overlap under a
/// Hann window. Besides that stem it gives the mix as far as the network's band reaches, where
/// SeparateOptions::band_limited_rest asks for it. Throws Error(model_mismatch).
std::unique_ptr<Network> open_mdx(Graph graph, const model::Manifest& manifest, const SeparateOptions& options);

}  // namespace vivace::separate
