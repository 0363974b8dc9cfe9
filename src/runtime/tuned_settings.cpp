#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/cache_folder.hpp"
#include "base/files.hpp"
#include "base/known_digests.hpp"
#include "base/machine.hpp"
#include "base/sha256.hpp"
#include "runtime/graph_file.hpp"
#include "runtime/placement.hpp"
#include "vivace/tune.hpp"

namespace fs = std::filesystem;

namespace vivace {
namespace {

constexpr std::size_t kLongestEntry = 64 * 1024;
constexpr std::size_t kMost = 4096;  // of threads, workers and rows

/// The file of a graph's setting; its name changes with the graph, the machine and the libraries. Empty where nothing
/// can be kept.
fs::path entry_of(const fs::path& graph, TuneGoal goal) {
  const fs::path cache = base::cache_folder();
  if (cache.empty()) return {};
  runtime::require_graph_file(graph);
  const base::Machine machine = base::read_machine();
  base::Sha256 digest;
  digest.update(base::KnownDigests::from_environment().sha256_of(graph));
  digest.update(fmt::format("\nvivace 1, {}, {}, {} cores, ONNX Runtime {}, {}", machine.cpu_name,
                            fmt::join(machine.instruction_sets, " "), base::usable_cores(machine),
                            runtime::onnxruntime_version(), goal == TuneGoal::latency ? "latency" : "throughput"));
  return cache / "tuned" / (digest.finish() + ".json");
}

/// The version of the library that a setting was measured with; empty where there is none.
std::string library_version(const TunedSetting& setting) {
  for (const auto& candidate : runtime::candidates()) {
    if (candidate->backend() == setting.backend && candidate->answers_to(setting.provider)) return candidate->version();
  }
  return "";
}

/// Throws where nothing can run so.
void require_possible(const TunedSetting& setting) {
  const auto all = runtime::candidates();
  const bool is_known = std::any_of(all.begin(), all.end(), [&](const auto& candidate) {
    return candidate->backend() == setting.backend && candidate->answers_to(setting.provider);
  });
  if (!is_known) {
    throw Error(ErrorCode::invalid_argument, to_text(setting),
                fmt::format("there is no backend '{}' with provider '{}'", setting.backend, setting.provider));
  }
  const auto& precisions = runtime::known_precisions();
  if (std::find(precisions.begin(), precisions.end(), setting.precision) == precisions.end()) {
    throw Error(
        ErrorCode::invalid_argument, to_text(setting),
        fmt::format("there is no precision '{}'; there are {}", setting.precision, fmt::join(precisions, ", ")));
  }
  const std::pair<const char*, std::size_t> numbers[] = {
      {"intra_op", setting.intra_op}, {"workers", setting.workers}, {"batch", setting.batch}};
  for (const auto& [name, number] : numbers) {
    if (number >= 1 && number <= kMost) continue;
    throw Error(ErrorCode::invalid_argument, to_text(setting),
                fmt::format("{} is {}; it must be 1 to {}", name, number, kMost));
  }
}

TunedSetting setting_of(const nlohmann::json& json) {
  TunedSetting setting{json.at("backend"),  json.at("provider"), json.at("precision"), json.at("layout"),
                       json.at("intra_op"), json.at("workers"),  json.at("batch")};
  for (const std::size_t number : {setting.intra_op, setting.workers, setting.batch}) {
    if (number < 1 || number > kMost) throw Error(ErrorCode::corrupt_data, "a number is out of range");
  }
  return setting;
}

}  // namespace

bool keep_tuned(const fs::path& graph, TuneGoal goal, const TunedSetting& setting) {
  require_possible(setting);
  const fs::path entry = entry_of(graph, goal);
  if (entry.empty()) return false;
  const nlohmann::json json = {
      {"backend", setting.backend}, {"provider", setting.provider},        {"precision", setting.precision},
      {"layout", setting.layout},   {"intra_op", setting.intra_op},        {"workers", setting.workers},
      {"batch", setting.batch},     {"library", library_version(setting)}, {"graph", graph.string()}};
  if (!base::make_private_folder(entry.parent_path())) return false;
  try {
    base::AtomicFile file(entry);
    file.write(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    file.commit();
    std::error_code status;
    fs::permissions(entry, fs::perms::owner_read | fs::perms::owner_write, status);
    return !status;
  } catch (const Error&) {
    return false;
  }
}

std::optional<TunedSetting> find_tuned(const fs::path& graph, TuneGoal goal) {
  try {
    const fs::path entry = entry_of(graph, goal);
    std::error_code status;
    if (entry.empty() || !fs::exists(entry, status)) return std::nullopt;
    if (!base::is_ours_alone(entry.parent_path()) || !base::is_ours_alone(entry)) return std::nullopt;
    const auto json = nlohmann::json::parse(base::read_file(entry, kLongestEntry));
    TunedSetting setting = setting_of(json);
    if (json.at("library") != library_version(setting)) return std::nullopt;
    return setting;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vivace
