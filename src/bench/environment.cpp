#include "bench/environment.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <git_revision.hpp>

#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "base/machine.hpp"
#include "media/ffmpeg_log.hpp"
#include "runtime/placement.hpp"
#include "vivace/version.hpp"

namespace vivace::bench {
namespace {

std::string first_line(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// The arguments of a process without its name; each is ended by a NUL byte.
std::vector<std::string> arguments_of(const std::filesystem::path& cmdline) {
  std::ifstream stream(cmdline, std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(stream, argument, '\0');) arguments.push_back(argument);
  if (!arguments.empty()) arguments.erase(arguments.begin());
  return arguments;
}

}  // namespace

Environment read_environment(const std::filesystem::path& root) {
  const base::Machine machine = base::read_machine(root);
  Environment environment;
  environment.time = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  environment.cpu = machine.cpu_name;
  environment.instruction_sets = machine.instruction_sets;
  environment.cores = base::usable_cores(machine);
  environment.governor = first_line(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  environment.memory_bytes = machine.memory_bytes;
  environment.vivace_version = version();
  environment.git_revision = VIVACE_GIT_REVISION;
  environment.libraries = {{"onnxruntime", runtime::onnxruntime_version()}, {"ffmpeg", media::ffmpeg_versions()}};
  environment.command = arguments_of(root / "proc/self/cmdline");
  utsname system{};
  if (::uname(&system) == 0) {
    environment.host = system.nodename;
    environment.kernel = fmt::format("{} {} {}", system.sysname, system.release, system.machine);
  }
  return environment;
}

}  // namespace vivace::bench
