#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/line_reader.hpp"
#include "tasks/embed/embed_record.hpp"

namespace vivace::embed {

/// Takes an answer: a JSON object and its line end. Called by one thread at a time.
using AnswerWriter = std::function<void(const std::string& line)>;

/// Answers each line of `requests` (see parse_stream_request) with one JSON line as it finishes, until the requests
/// end. A bad line or file is answered with status "failed". Returns whether all were answered with status "ok". Throws
/// what `write` throws, after the tracks under way have ended.
bool run_embed_stream(const Embedder& embedder, base::LineReader requests, std::size_t workers,
                      const RecordOptions& options, const AnswerWriter& write);

}  // namespace vivace::embed
