#include "cli/bench_run_contradictions.hpp"

#include <algorithm>
#include <filesystem>

#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

Error contradiction(const std::string& option, const std::string& problem) {
  return {ErrorCode::invalid_argument, option, problem};
}

void refuse(bool is_contradiction, const std::string& option, const std::string& problem) {
  if (is_contradiction) throw contradiction(option, problem);
}

bool is_swept(const std::vector<bench::Axis>& axes, const std::string& name) {
  return std::any_of(axes.begin(), axes.end(), [&](const bench::Axis& axis) { return axis.name == name; });
}

void check_load(const BenchRunArguments& arguments, const std::vector<bench::Axis>& axes) {
  const std::string kind = load_kind_of(arguments);
  refuse(arguments.streams > 0 && kind != "deadline", "--streams", "goes with --deadline only");
  refuse(is_swept(axes, "callers") && kind != "closed", arguments.callers.empty() ? "--sweep callers" : "--callers",
         "goes with a closed load only");
  refuse(arguments.finds_peak && arguments.latency_bound_s == 0, "--find-peak", "needs --latency-bound");
  refuse(kind == "server" && arguments.latency_bound_s == 0, "--scenario server", "needs --latency-bound");
  refuse(!arguments.scenario.empty() && kind != "server" && arguments.poisson_hz > 0, "--poisson",
         "goes with --scenario server, not with others");
}

void check_pipeline(const BenchRunArguments& arguments, const std::vector<bench::Axis>& axes) {
  const std::string kind = load_kind_of(arguments);
  const std::string& name = arguments.target.front();
  refuse(arguments.target.size() == 1, name, "needs audio files or folders that hold some");
  refuse(!arguments.shapes.empty(), "--shape", "is for models, not for " + name);
  refuse(!arguments.recorded.empty(), "--input", "is for models, not for " + name);
  refuse(arguments.max_batch.has_value(), "--max-batch", "is for models, not for " + name);
  refuse(arguments.max_delay_us.has_value(), "--max-delay-us", "is for models, not for " + name);
  if (!is_embed(arguments)) {
    refuse(is_swept(axes, "batch"), "--batch", "is not for separate, which runs one segment at a time");
    return;
  }
  refuse(arguments.workers.has_value(), "--workers", "is not for embed; --threads are tracks at a time");
  refuse(is_swept(axes, "threads") && kind != "closed" && kind != "offline", "threads",
         "of embed are tracks at a time, which go with a closed load or --scenario offline only");
  refuse(is_swept(axes, "threads") && is_swept(axes, "callers"), "--callers", "is the same as --threads of embed");
}

void check_files(const BenchRunArguments& arguments) {
  const auto are_one = [](const std::string& a, const std::string& b) { return !a.empty() && a == b; };
  refuse(are_one(arguments.csv, arguments.output), "--csv", "is the file of --output, which is JSON");
  refuse(arguments.json && arguments.csv == "-", "--csv -", "goes to standard output, where --json is");
  refuse(!arguments.price.empty() && (arguments.output == "-" || arguments.csv == "-"), "--price",
         "is told below the table, and standard output is taken; see vivace bench cost");
  refuse(are_one(arguments.profile, arguments.output), "--profile", "is the file of --output");
  refuse(are_one(arguments.profile, arguments.csv), "--profile", "is the file of --csv");
}

void check_interleaving(const BenchRunArguments& arguments, const std::vector<bench::Axis>& axes) {
  refuse(arguments.interleaved.empty() && arguments.slices.has_value(), "--slices", "goes with --interleave only");
  if (!is_setting(arguments.interleaved)) return;
  for (const auto& [name, value] : bench::parse_setting(arguments.interleaved)) {
    refuse(is_swept(axes, name), "--interleave", "sets " + name + ", which is swept");
    refuse(name == "callers", "--interleave", "sets callers; both targets are put under the same load");
    refuse(is_pipeline(arguments) && is_embed(arguments) && name == "threads", "--interleave",
           "sets threads, which of embed are tracks at a time; both targets are put under the same load");
  }
}

}  // namespace

bool is_embed(const BenchRunArguments& arguments) { return arguments.target.front() == "embed"; }

bool is_pipeline(const BenchRunArguments& arguments) {
  return is_embed(arguments) || arguments.target.front() == "separate";
}

std::string load_kind_of(const BenchRunArguments& arguments) {
  if (!arguments.scenario.empty()) return arguments.scenario;
  if (arguments.frame_rate_hz > 0) return "deadline";
  if (arguments.constant_hz > 0) return "constant";
  return arguments.poisson_hz > 0 || arguments.finds_peak ? "poisson" : "closed";
}

bool is_setting(const std::string& interleaved) {
  return interleaved.find('=') != std::string::npos && !std::filesystem::exists(interleaved);
}

void check_contradictions(const BenchRunArguments& arguments) {
  const std::vector<bench::Axis> axes = axes_of(arguments);
  check_load(arguments, axes);
  if (is_pipeline(arguments)) {
    check_pipeline(arguments, axes);
  } else if (arguments.target.size() > 1) {
    throw contradiction(arguments.target[1], "is one model too many; --interleave compares two");
  }
  check_interleaving(arguments, axes);
  const bool is_one_run =
      !is_pipeline(arguments) && arguments.interleaved.empty() && bench::combinations(axes).size() == 1;
  check_files(arguments);
  refuse(!arguments.profile.empty() && !is_one_run, "--profile", "is for one model in one setting");
}

}  // namespace vivace::cli
