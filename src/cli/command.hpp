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
void add_analyze_command(CLI::App& app, Action& action);
void add_library_command(CLI::App& app, Action& action);
/// Adds "merge" to the command "library".
void add_merge_command(CLI::App& library_command, Action& action);
/// Adds "export" to the command "library".
void add_export_command(CLI::App& library_command, Action& action);
/// Adds "report" to the command "library".
void add_library_report_command(CLI::App& library_command, Action& action);
void add_similar_command(CLI::App& app, Action& action);
void add_embed_command(CLI::App& app, Action& action);
void add_separate_command(CLI::App& app, Action& action);
void add_model_command(CLI::App& app, Action& action);
/// Adds "compare" to the command "model".
void add_compare_models_command(CLI::App& model_command, Action& action);
void add_features_command(CLI::App& app, Action& action);
void add_doctor_command(CLI::App& app, Action& action);
void add_tune_command(CLI::App& app, Action& action);
void add_bench_command(CLI::App& app, Action& action);

}  // namespace vivace::cli
