#include "runtime/onnxruntime_candidate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/files.hpp"
#include "base/log.hpp"
#include "base/machine.hpp"
#include "runtime/graph_cache.hpp"
#include "runtime/onnxruntime_environment.hpp"
#include "runtime/onnxruntime_nodes.hpp"
#include "runtime/onnxruntime_session.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kMostNodesInAMessage = 8;
// Weights of at least so many bytes are kept in a file that is mapped into memory and not read.
constexpr const char* kSmallestMapped = "65536";

/// Passes a setting on; which keys and values there are is ONNX Runtime's business.
void add_setting(Ort::SessionOptions& settings, const std::string& key, const std::string& value) {
  try {
    settings.AddConfigEntry(key.c_str(), value.c_str());
  } catch (const Ort::Exception& error) {
    constexpr std::size_t kShown = 60;
    const std::string shown = key.size() > kShown ? key.substr(0, kShown) + "…" : key;
    throw Error(ErrorCode::invalid_argument, fmt::format("session setting '{}'", shown),
                fmt::format("ONNX Runtime does not take it: {}", error.what()));
  }
}

/// All that decides what a graph is optimized to.
std::string circumstances(const SessionOptions& options) {
  const base::Machine machine = base::read_machine();
  return fmt::format("vivace 2, ONNX Runtime {}, {}, {}, layout {}, {}", onnxruntime_version(), machine.cpu_name,
                     fmt::join(machine.instruction_sets, " "), options.placement.layout,
                     options.placement.session_settings);
}

bool is_fallback_refusal(const Ort::Exception& error) {
  return std::string_view(error.what()).find("fallback to CPU EP has been explicitly disabled") !=
         std::string_view::npos;
}

std::string listed(const ProviderNodes& part) {
  if (part.nodes.empty()) return fmt::format(": all {} nodes", part.count);
  const std::size_t shown = std::min(part.nodes.size(), kMostNodesInAMessage);
  const auto end = part.nodes.begin() + static_cast<std::ptrdiff_t>(shown);
  const std::string others = part.nodes.size() > shown ? fmt::format(" and {} others", part.nodes.size() - shown) : "";
  return fmt::format(": {}{}", fmt::join(part.nodes.begin(), end, ", "), others);
}

}  // namespace

OnnxRuntimeCandidate::OnnxRuntimeCandidate(std::string provider, std::string library_name)
    : provider_(std::move(provider)), library_name_(std::move(library_name)) {}

std::optional<std::string> OnnxRuntimeCandidate::decline(const std::string& precision) const {
  if (auto reason = library_problem()) return reason;
  if (auto reason = absence()) return reason;
  if (precision != "bf16" && precision != "fp16") return std::nullopt;
  if (provider_ == "cpu") {
    return fmt::format("its CPU kernels compute in fp32; {} is what the openvino backend may do", precision);
  }
  return fmt::format(
      "it computes in the types of the graph; give it a graph in {}, or what it has for that as "
      "--provider-setting",
      precision);
}

std::unique_ptr<Session> OnnxRuntimeCandidate::load(const SessionOptions& options) const {
  if (!std::filesystem::is_regular_file(options.graph)) {
    throw Error(ErrorCode::not_found, options.graph.string(), "no such file");
  }
  try {
    return load_kept(options);
  } catch (const Ort::Exception& error) {
    fail_to_load(options, error);
  }
}

/// The graph as it was optimized before, where it is in the cache; else it is optimized, and kept there where it can
/// be.
std::unique_ptr<Session> OnnxRuntimeCandidate::load_kept(const SessionOptions& options) const {
  const GraphCache cache = GraphCache::from_environment();
  const bool may_keep = options.placement.cache && options.optimized_graph.empty() && provider_ == "cpu";
  const std::optional<std::string> key = may_keep ? cache.key_of(options.graph, circumstances(options)) : std::nullopt;
  if (!key) return open(options, options.graph, settings(options));
  if (const auto kept = cache.find(*key)) {
    try {
      Ort::SessionOptions as_it_is = settings(options);
      as_it_is.SetGraphOptimizationLevel(ORT_DISABLE_ALL);
      return open(options, *kept, as_it_is);
    } catch (const Ort::Exception& error) {
      if (is_lack_of_memory(error)) throw;
      base::log(base::LogLevel::warning,
                fmt::format("the kept graph {} cannot be loaded and is made anew: {}", kept->string(), error.what()));
      cache.drop(*key);
    }
  }
  std::unique_ptr<Session> session;
  try {
    cache.keep(*key, [&](const std::filesystem::path& working, const std::string& weights) {
      Ort::SessionOptions saving = settings(options);
      saving.SetOptimizedModelFilePath(working.c_str());
      saving.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersFileName, weights.c_str());
      saving.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersMinSizeInBytes, kSmallestMapped);
      session = open(options, options.graph, saving);
    });
  } catch (const Ort::Exception& error) {
    base::log(base::LogLevel::debug, fmt::format("the optimized graph is not kept: {}", error.what()));
  }
  return session != nullptr ? std::move(session) : open(options, options.graph, settings(options));
}

std::unique_ptr<Session> OnnxRuntimeCandidate::open(const SessionOptions& options, const std::filesystem::path& graph,
                                                    const Ort::SessionOptions& loading) const {
  return std::make_unique<OnnxRuntimeSession>(options.graph, graph, loading, settings(options),
                                              "onnxruntime/" + provider_, needs(), !options.profile.empty());
}

Ort::SessionOptions OnnxRuntimeCandidate::settings(const SessionOptions& options) const {
  Ort::SessionOptions settings;
  settings.SetGraphOptimizationLevel(options.placement.layout == "plain" ? ORT_ENABLE_EXTENDED : ORT_ENABLE_ALL);
  settings.SetIntraOpNumThreads(options.intra_op_threads);
  settings.SetInterOpNumThreads(1);
  settings.SetExecutionMode(ORT_SEQUENTIAL);
  if (!options.memory_pattern) settings.DisableMemPattern();
  settings.AddConfigEntry("session.use_env_allocators", "1");
  settings.AddConfigEntry("session.intra_op.allow_spinning", options.spin.count() > 0 ? "1" : "0");
  if (options.spin.count() > 0) {
    settings.AddConfigEntry("session.intra_op.spin_duration_us", std::to_string(options.spin.count()).c_str());
  }
  if (options.placement.strict && provider_ != "cpu") {
    settings.AddConfigEntry("session.disable_cpu_ep_fallback", "1");
  }
  for (const auto& [key, value] : options.placement.session_settings) add_setting(settings, key, value);
  if (!options.optimized_graph.empty()) settings.SetOptimizedModelFilePath(options.optimized_graph.c_str());
  if (!options.profile.empty()) settings.EnableProfiling(options.profile.c_str());
  append_to(settings, options.placement);
  return settings;
}

void OnnxRuntimeCandidate::fail_to_load(const SessionOptions& options, const Ort::Exception& error) const {
  const std::string graph = options.graph.string();
  if (is_fallback_refusal(error)) {
    throw Error(ErrorCode::unavailable, graph,
                fmt::format("provider '{}' does not take every node, and running the others on the CPU is forbidden "
                            "(strict){}",
                            provider_, left_to_the_cpu(options)));
  }
  if (is_lack_of_memory(error)) {
    throw Error(ErrorCode::resource_exhausted, graph, fmt::format("needs more memory than there is: {}", error.what()));
  }
  const bool plain = provider_ == "cpu";
  throw Error(plain ? ErrorCode::model_mismatch : ErrorCode::unavailable, graph,
              fmt::format("{} ONNX Runtime {} can load{}: {}", plain ? "not a graph that" : "no graph that",
                          onnxruntime_version(), plain ? "" : " on " + provider_, error.what()));
}

/// ": Conv (a), Add (b) and 7 others"; empty where ONNX Runtime does not tell.
std::string OnnxRuntimeCandidate::left_to_the_cpu(SessionOptions options) const {
  options.placement.strict = false;
  try {
    for (const ProviderNodes& part : nodes_by_provider(options.graph, settings(options))) {
      if (part.provider == "CPUExecutionProvider") return listed(part);
    }
  } catch (const Ort::Exception&) {
    return "";
  }
  return "";
}

std::string short_provider_name(const std::string& library_name) {
  constexpr std::string_view kKind = "ExecutionProvider";
  const std::size_t kind = library_name.find(kKind);
  std::string name = library_name;
  if (kind != std::string::npos && kind > 0) name.erase(kind, kKind.size());
  return base::lower_case(name);
}

}  // namespace vivace::runtime
