#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <clocale>
#include <csignal>
#include <exception>

#include "cli/command.hpp"
#include "cli/console.hpp"
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
  app.set_config("--config", "vivace.toml", "read options from this file, [embed] for those of 'embed'");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.require_subcommand(1);
  Action action;
  add_embed_command(app, action);
  add_model_command(app, action);
  add_doctor_command(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kAllGood : kUsage;
  }
  return action();
}

}  // namespace

void allow_environment(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    std::string name = option->get_single_name();
    if (name == "help" || option->get_positional()) continue;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
    option->envname("VIVACE_" + name);
  }
}

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
