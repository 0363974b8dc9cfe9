#include "runtime/onnxruntime_candidate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "base/machine.hpp"
#include "runtime/graph_cache.hpp"
#include "runtime/onnxruntime_environment.hpp"
#include "runtime/onnxruntime_session.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

/// A provider that is part of the ONNX Runtime library in use.
class OnnxRuntimeCandidate : public Candidate {
 public:
  /// `library_name` is ONNX Runtime's own name of the provider.
  OnnxRuntimeCandidate(std::string provider, std::string library_name)
      : provider_(std::move(provider)), library_name_(std::move(library_name)) {}

  std::string backend() const override { return "onnxruntime"; }
  std::string provider() const override { return provider_; }

  std::optional<std::string> decline() const override {
    if (auto reason = library_problem()) return reason;
    const std::vector<std::string> present = onnxruntime_providers();
    if (std::find(present.begin(), present.end(), library_name_) != present.end()) return start_problem();
    return fmt::format("the ONNX Runtime library {} does not bring {} (it has: {})", onnxruntime_version(),
                       library_name_, fmt::join(present, ", "));
  }

  std::unique_ptr<Session> load(const SessionOptions& options) const override {
    if (!std::filesystem::is_regular_file(options.graph)) {
      throw Error(ErrorCode::not_found, options.graph.string(), "no such file");
    }
    try {
      return load_kept(options);
    } catch (const Ort::Exception& error) {
      const bool plain = provider_ == "cpu";
      throw Error(plain ? ErrorCode::model_mismatch : ErrorCode::unavailable, options.graph.string(),
                  fmt::format("{} ONNX Runtime {} can load{}: {}", plain ? "not a graph that" : "no graph that",
                              onnxruntime_version(), plain ? "" : " on " + provider_, error.what()));
    }
  }

 private:
  /// As this library optimizes it on this machine, from the cache where it was done before.
  std::unique_ptr<Session> load_kept(const SessionOptions& options) const {
    const GraphCache cache = GraphCache::from_environment();
    const bool may_keep = options.placement.cache && options.optimized_graph.empty() && provider_ == "cpu";
    const std::optional<std::string> key =
        may_keep ? cache.key_of(options.graph, circumstances(options)) : std::nullopt;
    if (!key) return open(options, options.graph, settings(options));
    if (const auto kept = cache.find(*key)) {
      try {
        Ort::SessionOptions as_it_is = settings(options);
        as_it_is.SetGraphOptimizationLevel(ORT_DISABLE_ALL);
        return open(options, *kept, as_it_is);
      } catch (const Ort::Exception& error) {
        base::log(base::LogLevel::warning,
                  fmt::format("the kept graph {} cannot be loaded and is made anew: {}", kept->string(), error.what()));
        cache.drop(*key);
      }
    }
    std::unique_ptr<Session> session;
    try {
      cache.keep(*key, [&](const std::filesystem::path& working) {
        Ort::SessionOptions saving = settings(options);
        saving.SetOptimizedModelFilePath(working.c_str());
        session = open(options, options.graph, saving);
      });
    } catch (const Ort::Exception& error) {
      base::log(base::LogLevel::debug, fmt::format("the optimized graph is not kept: {}", error.what()));
    }
    return session != nullptr ? std::move(session) : open(options, options.graph, settings(options));
  }

  /// All that decides what the graph is optimized to.
  static std::string circumstances(const SessionOptions& options) {
    const base::Machine machine = base::read_machine();
    return fmt::format("vivace 1, ONNX Runtime {}, {}, {}, {}", onnxruntime_version(), machine.cpu_name,
                       fmt::join(machine.instruction_sets, " "), options.placement.session_settings);
  }

  std::unique_ptr<Session> open(const SessionOptions& options, const std::filesystem::path& graph,
                                const Ort::SessionOptions& settings) const {
    return std::make_unique<OnnxRuntimeSession>(options.graph, graph, settings, "onnxruntime/" + provider_);
  }

  /// Why the provider cannot be started: it may be listed while libraries that it needs are missing.
  std::optional<std::string> start_problem() const {
    try {
      onnxruntime_environment();
      settings({});
      return std::nullopt;
    } catch (const Ort::Exception& error) {
      return fmt::format("{} cannot be started: {}", library_name_, error.what());
    }
  }

  Ort::SessionOptions settings(const SessionOptions& options) const {
    Ort::SessionOptions settings;
    settings.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    settings.SetIntraOpNumThreads(options.intra_op_threads);
    settings.SetInterOpNumThreads(1);
    settings.SetExecutionMode(ORT_SEQUENTIAL);
    settings.AddConfigEntry("session.use_env_allocators", "1");
    settings.AddConfigEntry("session.intra_op.allow_spinning", "0");
    if (!options.optimized_graph.empty()) settings.SetOptimizedModelFilePath(options.optimized_graph.c_str());
    if (provider_ == "cuda") settings.AppendExecutionProvider_CUDA_V2(*Ort::CUDAProviderOptions());
    return settings;
  }

  std::string provider_;
  std::string library_name_;
};

}  // namespace

std::vector<std::unique_ptr<Candidate>> onnxruntime_candidates() {
  std::vector<std::unique_ptr<Candidate>> all;
  all.push_back(std::make_unique<OnnxRuntimeCandidate>("cuda", "CUDAExecutionProvider"));
  all.push_back(std::make_unique<OnnxRuntimeCandidate>("cpu", "CPUExecutionProvider"));
  return all;
}

}  // namespace vivace::runtime
