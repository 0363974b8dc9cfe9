#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/machine.hpp"
#include "base/sha256.hpp"
#include "cli/command.hpp"
#include "media/ffmpeg_log.hpp"
#include "media/resampler.hpp"
#include "model/store.hpp"
#include "records/parquet_module.hpp"
#include "records/sqlite_sink.hpp"
#include "runtime/placement.hpp"
#include "vivace/version.hpp"

namespace vivace::cli {
namespace {

using Json = nlohmann::ordered_json;

Json machine_report() {
  const base::Machine machine = base::read_machine();
  return {{"cpu", machine.cpu_name},
          {"instruction_sets", machine.instruction_sets},
          {"logical_cpus", machine.logical_cpus},
          {"affinity_cpus", machine.affinity_cpus},
          {"cgroup_cpus", machine.cgroup_cpus > 0 ? Json(machine.cgroup_cpus) : Json()},
          {"usable_cores", base::usable_cores(machine)},
          {"memory_bytes", machine.memory_bytes}};
}

Json candidate_report() {
  Json candidates = Json::array();
  for (const auto& report : runtime::candidate_reports()) {
    candidates.push_back({{"name", report.name},
                          {"accepted", !report.reason.has_value()},
                          {"reason", report.reason ? Json(*report.reason) : Json()}});
  }
  return candidates;
}

Json store_report() {
  const model::Store store = model::Store::from_environment();
  Json folders = Json::array();
  for (const auto& folder : store.search_path()) folders.push_back(folder.string());
  Json models = Json::array();
  Json broken = Json::array();
  for (const auto& installed : store.list()) (installed.manifest ? models : broken).push_back(installed.name);
  return {{"search_path", folders}, {"models", models}, {"broken_models", broken}};
}

Json report() {
  return {
      {"vivace", version()},
      {"machine", machine_report()},
      {"onnxruntime", {{"version", runtime::onnxruntime_version()}, {"providers", runtime::onnxruntime_providers()}}},
      {"candidates", candidate_report()},
      {"store", store_report()},
      {"ffmpeg", media::ffmpeg_versions()},
      {"resamplers", media::resampler_versions()},
      {"sqlite", records::sqlite_version()},
      {"openssl", base::openssl_version()},
      {"parquet", records::parquet_available()}};
}

std::string join(const Json& list) { return fmt::format("{}", fmt::join(list.get<std::vector<std::string>>(), ", ")); }

void print_for_people(const Json& facts) {
  const Json& machine = facts["machine"];
  const auto line = [](const std::string& name, const std::string& value) { fmt::print("{:<20}{}\n", name, value); };
  line("vivace", facts["vivace"]);
  line("cpu", machine["cpu"]);
  line("instruction sets", join(machine["instruction_sets"]));
  line("cores",
       fmt::format("{} usable ({} in the machine, {} in the affinity mask, cgroup quota {})",
                   machine["usable_cores"].dump(), machine["logical_cpus"].dump(), machine["affinity_cpus"].dump(),
                   machine["cgroup_cpus"].is_null() ? "none" : machine["cgroup_cpus"].dump()));
  line("memory", fmt::format("{:.1f} GB", machine["memory_bytes"].get<double>() / 1e9));
  line("onnxruntime", fmt::format("{} with {}", facts["onnxruntime"]["version"].get<std::string>(),
                                  join(facts["onnxruntime"]["providers"])));
  for (const Json& candidate : facts["candidates"]) {
    const bool accepted = candidate["accepted"];
    line("  " + candidate["name"].get<std::string>(),
         accepted ? "accepted" : "declined: " + candidate["reason"].get<std::string>());
  }
  line("ffmpeg", facts["ffmpeg"]);
  line("resamplers", facts["resamplers"]);
  line("sqlite", facts["sqlite"]);
  line("openssl", facts["openssl"]);
  line("parquet output",
       facts["parquet"] ? "available" : "not available: built without Arrow, or its libraries are missing");
  line("model store", join(facts["store"]["search_path"]));
  line("models", join(facts["store"]["models"]));
  const Json& broken = facts["store"]["broken_models"];
  if (!broken.empty()) line("broken models", join(broken) + " (vivace model list says why)");
}

}  // namespace

void add_doctor_command(CLI::App& app, Action& action) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("doctor", "what this machine and build can do, with reasons");
  command->add_flag("--json", *json, "as one JSON object");
  command->callback([json, &action] {
    action = [json] {
      const Json facts = report();
      if (*json) {
        fmt::print("{}\n", facts.dump(2));
      } else {
        print_for_people(facts);
      }
      return kAllGood;
    };
  });
}

}  // namespace vivace::cli
