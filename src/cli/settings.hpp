#pragma once

#include <CLI/CLI.hpp>

namespace vivace::cli {

/// Lets options be set in `vivace.toml` in the current folder, or in the file that --config names. The command line
/// wins over the environment, the environment over the file. A name in the file that is no option is refused.
void allow_settings_file(CLI::App& app);

/// Lets every option of `command` also be set by the environment: `--max-duration` by VIVACE_MAX_DURATION.
void allow_environment(CLI::App& command);

}  // namespace vivace::cli
