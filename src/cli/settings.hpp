#pragma once

#include <CLI/CLI.hpp>

namespace vivace::cli {

/// The option that a section [session] of the settings file stands for: `key = value` there is `--session key=value`.
inline constexpr const char* kSessionOption = "--session";

/// Lets options be set in `vivace.toml` in the current folder, or in the file that --config names. The command line
/// wins over the environment, the environment over the file. A name in the file that is no option is refused; what is
/// in [session] is not looked at. `app` must outlive the parse.
void allow_settings_file(CLI::App& app);

/// Lets every option of `command` also be set by the environment: `--max-duration` by VIVACE_MAX_DURATION.
void allow_environment(CLI::App& command);

}  // namespace vivace::cli
