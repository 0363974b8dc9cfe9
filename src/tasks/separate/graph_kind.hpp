#pragma once

#include <filesystem>

#include "model/manifest.hpp"
#include "runtime/session.hpp"

namespace vivace::separate {

/// The manifest of an ONNX file that comes without one, by the ranks and axes of its inputs and outputs: HTDemucs (4 or
/// 6 stems), Spleeter (2 stems), or MDX-Net, whose file must be one that mdx_table.hpp knows. Throws
/// Error(model_mismatch) for other graphs, saying what is known.
model::Manifest recognise_graph(const std::filesystem::path& file, const runtime::Session& session);

}  // namespace vivace::separate
