#pragma once

#include <CLI/CLI.hpp>

namespace vivace::cli {

/// Lets every option with a real number, of `app` and all commands below it, refuse NaN and infinity, which pass checks
/// of ranges. To be called when all options are there.
void refuse_infinite_numbers(CLI::App& app);

}  // namespace vivace::cli
