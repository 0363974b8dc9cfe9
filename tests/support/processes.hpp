#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace vivace::test {

/// Waits until `holds`, at most for a minute of naps; whether it does. Time in which the machine or this process stands
/// still counts as one nap.
inline bool wait_until(const std::function<bool()>& holds) {
  using namespace std::chrono_literals;
  constexpr int kMostNaps = 60'000;
  for (int naps = 0; naps < kMostNaps; ++naps) {
    if (holds()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return holds();
}

/// The value of a line "name:\tvalue" in /proc/<process>/status; empty where there is none.
inline std::string status_value(pid_t process, const std::string& name) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return "";
}

/// The fields of /proc/<process>/stat behind the name in brackets: the first is the state, number 3 in the manual.
inline std::vector<std::string> stat_fields(pid_t process) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/stat");
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  return {std::istream_iterator<std::string>(fields), {}};
}

/// Whether a process runs; one that has ended but was not waited for does not.
inline bool is_alive(pid_t process) {
  const std::vector<std::string> fields = stat_fields(process);
  return !fields.empty() && fields.front() != "Z" && fields.front() != "X";
}

/// Ticks of CPU time that a process has used itself.
inline long cpu_ticks(pid_t process) {
  constexpr std::size_t kUserTime = 14 - 3;
  const std::vector<std::string> fields = stat_fields(process);
  return fields.size() > kUserTime ? std::stol(fields[kUserTime]) : 0;
}

/// Bytes of shared memory between session and worker that a process maps.
inline std::size_t shared_bytes(pid_t process) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/maps");
  std::size_t bytes = 0;
  for (std::string line; std::getline(stream, line);) {
    if (line.find("/memfd:vivace") == line.npos) continue;
    std::size_t dash = 0;
    const std::uint64_t begin = std::stoull(line, &dash, 16);
    bytes += std::stoull(line.substr(dash + 1), nullptr, 16) - begin;
  }
  return bytes;
}

/// The processes that this one has started, and that have not been waited for.
inline std::vector<pid_t> child_processes() {
  std::vector<pid_t> children;
  const std::string own = std::to_string(::getpid());
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    const auto process = static_cast<pid_t>(std::stol(name));
    const std::vector<std::string> fields = stat_fields(process);
    if (fields.size() > 1 && fields[1] == own) children.push_back(process);
  }
  return children;
}

/// How many descriptors this process has open.
inline std::size_t descriptor_count() {
  const std::filesystem::directory_iterator descriptors("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
}

}  // namespace vivace::test
