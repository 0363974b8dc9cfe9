#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "runtime/session.hpp"

namespace vivace::runtime {

/// The files beside an ONNX file that hold weights of it, as it names them. Those that lie outside its folder are left
/// out. Throws Error as base::search_file.
std::vector<std::filesystem::path> external_weights(const std::filesystem::path& graph);

/// About how many bytes a session on the graph takes before its first run: see docs/engine.md. 0, not known, for a
/// folder. Throws as external_weights.
std::size_t estimated_bytes(const std::filesystem::path& graph);

/// Bytes of the inputs and outputs of a run of `rows` rows. Those whose length is free beyond the first axis, and
/// strings, do not count.
std::size_t bytes_of_run(const Session& session, std::size_t rows);

}  // namespace vivace::runtime
