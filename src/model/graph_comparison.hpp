#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "model/parity.hpp"
#include "runtime/session.hpp"

namespace vivace::model {

/// What two graphs are given.
struct ComparisonInput {
  std::vector<std::filesystem::path> recorded{};  ///< .npy files, each one run of graphs with a single input
  std::size_t samples = 4;                        ///< runs on seeded random numbers where nothing is recorded
  std::int64_t free_axis = 1;                     ///< the length of axes that the graphs leave free, for random numbers
};

/// Runs both graphs on the same input and compares their outputs, by name where they have names in common, else in
/// their order; rows are the first axis. Throws Error: model_mismatch (outputs that cannot be compared), unsupported
/// (strings, and types that no tensor has), and as open_session.
ModelComparison compare_graphs(const runtime::SessionOptions& a, const runtime::SessionOptions& b,
                               const ComparisonInput& input);

}  // namespace vivace::model
