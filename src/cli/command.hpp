#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace vivace::cli {

/// What the program ends with.
enum ExitCode { kAllGood = 0, kSomeItemsFailed = 1, kUsage = 2, kNothingCouldRun = 3 };

/// Set by the command line's parse; run afterwards.
using Action = std::function<int()>;

/// Each adds its subcommand to `app` and, when that is chosen, sets `action`.
void add_embed_command(CLI::App& app, Action& action);
void add_model_command(CLI::App& app, Action& action);
void add_doctor_command(CLI::App& app, Action& action);

/// Lets every option of `command` also be set by the environment: `--max-duration` by VIVACE_MAX_DURATION.
void allow_environment(CLI::App& command);

}  // namespace vivace::cli
