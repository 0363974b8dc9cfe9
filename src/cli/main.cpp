#include <malloc.h>
#include <csignal>
#include <exception>
#include <string>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/finite_numbers.hpp"
#include "cli/settings.hpp"
#include "vivace/error.hpp"
#include "vivace/version.hpp"

namespace vivace::cli {
namespace {

/// Fixed thresholds keep glibc from learning ever larger ones, so that the big buffers of a track go back to the system
/// and memory stays flat over thousands of tracks.
void bound_allocator() {
  constexpr int kLargeBlock = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  mallopt(M_TRIM_THRESHOLD, 2 * kLargeBlock);
}

int exit_code_of(const Error& error) { return error.code() == ErrorCode::invalid_argument ? kUsage : kNothingCouldRun; }

int run(int argc, char** argv) {
  CLI::App app("vivace: fast media inference", "vivace");
  app.set_version_flag("--version", std::string("vivace ") + version());
  allow_settings_file(app);
  app.require_subcommand(1);
  Action action;
  add_embed_command(app, action);
  add_features_command(app, action);
  add_analyze_command(app, action);
  add_separate_command(app, action);
  add_library_command(app, action);
  add_similar_command(app, action);
  add_model_command(app, action);
  add_tune_command(app, action);
  add_bench_command(app, action);
  add_doctor_command(app, action);
  refuse_infinite_numbers(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ConfigError& error) {
    const std::string problem = error.what();
    const std::string name = problem.substr(problem.rfind(' ') + 1);
    print_error(app["--config"]->as<std::string>() + ": '" + name + "' cannot be set; --help lists what can");
    return kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kAllGood : kUsage;
  }
  return action();
}

}  // namespace

}  // namespace vivace::cli

int main(int argc, char** argv) {
  using namespace vivace::cli;
  std::signal(SIGPIPE, SIG_IGN);
  bound_allocator();
  try {
    return run(argc, argv);
  } catch (const vivace::Error& error) {
    print_error(error.what());
    return exit_code_of(error);
  } catch (const std::exception& error) {
    print_error(error.what());
    return kNothingCouldRun;
  }
}
