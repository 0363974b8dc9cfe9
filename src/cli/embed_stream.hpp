#pragma once

#include <cstddef>

#include "tasks/embed/embed_record.hpp"

namespace vivace::cli {

/// Answers each line of standard input (see embed::parse_stream_request) with one JSON line on standard output, as they
/// finish, until the input ends. A bad line or file is answered with status "failed". Returns an exit code.
int run_embed_stream(const Embedder& embedder, std::size_t workers, const embed::RecordOptions& options);

}  // namespace vivace::cli
