#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

struct ExportOptions {
  std::filesystem::path output;  ///< "-" is standard output where the format can be streamed
  std::string format;            ///< as records::open_sink has them; empty: what the extension of the output names
  /// See choose_columns; the path is always there. None: all, for "npy" the embeddings that most tracks have.
  std::vector<std::string> fields;
  std::vector<std::string> where;  ///< see Conditions
};

/// Writes a record a track, by path; the number of records. Throws Error: invalid_argument (format, fields,
/// conditions), and what the sink throws.
std::size_t export_library(Database& database, const ExportOptions& options);

}  // namespace vivace::library
