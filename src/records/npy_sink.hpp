#pragma once

#include <memory>

#include "records/sink.hpp"

namespace vivace::records {

/// NPY 1.0: one little-endian float32 matrix [rows, dimension] of all rows of the matrix field `embeddings` or, where
/// the schema has none, of its first vector field (a record is then a row). The other fields go to `<name>.index.jsonl`
/// beside `<name>.npy`, with the first row of the record (`row`) and their number (`row_count`, 0 for null).
std::unique_ptr<Sink> open_npy_sink(SinkOptions options);

}  // namespace vivace::records
