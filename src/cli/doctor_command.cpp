#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/machine.hpp"
#include "base/sha256.hpp"
#include "cli/command.hpp"
#include "cli/placement_arguments.hpp"
#include "media/ffmpeg_log.hpp"
#include "media/resampler.hpp"
#include "model/model.hpp"
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

struct DoctorArguments {
  std::string model;
  PlacementOptions placement{};
  bool nodes = false;
  bool json = false;
};

Json candidate_report(const PlacementOptions& placement) {
  Json candidates = Json::array();
  for (const auto& report : runtime::candidate_reports(placement.provider_libraries)) {
    candidates.push_back({{"name", report.name},
                          {"accepted", !report.reason.has_value()},
                          {"reason", report.reason ? Json(*report.reason) : Json()},
                          {"precisions", report.precisions}});
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

/// The graph of a model, or the file itself.
std::filesystem::path graph_of(const std::string& model, const PlacementOptions& placement) {
  std::error_code status;
  if (std::filesystem::is_regular_file(model, status)) return model;
  const model::Model found = model::find_model(model);
  return found.file(model::graph_role(found.manifest, placement.backend));
}

/// Where a model runs, and which of its nodes run where.
Json model_report(const DoctorArguments& arguments) {
  runtime::SessionOptions options;
  options.graph = graph_of(arguments.model, arguments.placement);
  options.placement = arguments.placement;
  const auto session = runtime::open_session(options);
  Json providers = Json::array();
  for (runtime::ProviderNodes& part : session->nodes()) {
    Json entry{{"provider", part.provider}, {"nodes", part.count}};
    if (arguments.nodes) entry["names"] = part.nodes.empty() ? Json() : Json(std::move(part.nodes));
    providers.push_back(std::move(entry));
  }
  return {{"graph", options.graph.string()}, {"placement", session->placement()}, {"providers", providers}};
}

Json report(const DoctorArguments& arguments) {
  if (!arguments.model.empty()) return model_report(arguments);
  return {
      {"vivace", version()},
      {"machine", machine_report()},
      {"onnxruntime", {{"version", runtime::onnxruntime_version()}, {"providers", runtime::onnxruntime_providers()}}},
      {"candidates", candidate_report(arguments.placement)},
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
    line("  " + candidate["name"].get<std::string>(), accepted ? "accepted: " + join(candidate["precisions"])
                                                               : "declined: " + candidate["reason"].get<std::string>());
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

void print_model_for_people(const Json& facts) {
  fmt::print("{:<20}{}\n{:<20}{}\n", "graph", facts["graph"].get<std::string>(), "placement",
             facts["placement"].get<std::string>());
  for (const Json& part : facts["providers"]) {
    fmt::print("  {:<30}{} nodes\n", part["provider"].get<std::string>(), part["nodes"].dump());
    if (!part.contains("names")) continue;
    if (part["names"].is_null()) {
      fmt::print("    all of the graph: ONNX Runtime names nodes only where providers share them\n");
      continue;
    }
    for (const Json& name : part["names"]) fmt::print("    {}\n", name.get<std::string>());
  }
}

void print_report(const DoctorArguments& arguments) {
  const Json facts = report(arguments);
  if (arguments.json) {
    fmt::print("{}\n", facts.dump(2));
  } else if (!arguments.model.empty()) {
    print_model_for_people(facts);
  } else {
    print_for_people(facts);
  }
}

}  // namespace

void add_doctor_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<DoctorArguments>();
  CLI::App* command = app.add_subcommand("doctor", "what this machine and build can do, with reasons");
  CLI::Option* model = command->add_option("-m,--model", arguments->model,
                                           "a model or graph: say where it runs, instead of all about the machine");
  command
      ->add_flag("--nodes", arguments->nodes,
                 "of a model: name the nodes, which ONNX Runtime tells where several providers share them")
      ->needs(model);
  add_placement_options(*command, arguments->placement);
  command->add_flag("--json", arguments->json, "as one JSON object");
  command->callback([arguments, &action] {
    action = [arguments] {
      print_report(*arguments);
      return kAllGood;
    };
  });
}

}  // namespace vivace::cli
