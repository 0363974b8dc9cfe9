#pragma once

#include <string>

#include "cli/bench_run_arguments.hpp"

namespace vivace::cli {

/// Whether files go through a pipeline, instead of inputs through a model.
bool is_embed(const BenchRunArguments& arguments);
bool is_pipeline(const BenchRunArguments& arguments);

/// The kind of load that the options come to, see bench::LoadDescription.
std::string load_kind_of(const BenchRunArguments& arguments);

/// Whether what --interleave names is settings, and no model.
bool is_setting(const std::string& interleaved);

/// Throws Error(invalid_argument) for options that do not go together, so that none is taken and then not heeded.
void check_contradictions(const BenchRunArguments& arguments);

}  // namespace vivace::cli
