#pragma once

#include <memory>

#include "records/sink.hpp"

namespace vivace::records {

/// A Parquet file, written by the shared object libvivace_parquet.so, which is loaded with the first such sink: from
/// the folder of libvivace.so, else from where the system's loader looks. Throws Error(unavailable) where it cannot be
/// loaded.
std::unique_ptr<Sink> open_parquet_sink(SinkOptions options);

/// Whether open_parquet_sink can load its library, which this does.
bool parquet_available();

}  // namespace vivace::records

/// The one function of libvivace_parquet.so. The caller owns the sink.
extern "C" vivace::records::Sink* vivace_open_parquet_sink(vivace::records::SinkOptions* options);
