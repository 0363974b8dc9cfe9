#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/session.hpp"

namespace vivace::runtime {

/// One way to run a graph: a backend with a provider. Safe from many threads.
class Candidate {
 public:
  virtual ~Candidate() = default;
  virtual std::string backend() const = 0;
  virtual std::string provider() const = 0;
  /// Whether it is meant by this name of a provider, which is not "auto".
  virtual bool answers_to(const std::string& provider_name) const { return provider_name == provider(); }
  /// Of the library behind it, e.g. "1.31.1"; empty where it is not there.
  virtual std::string version() const { return ""; }
  /// Whether it is considered where nothing but speed is asked for.
  virtual bool is_automatic() const { return true; }
  /// Whether the threads of a session's runs are started as it is loaded, and so inherit the cores and nice of the
  /// thread that loads it. Else they belong to the process.
  virtual bool has_threads_a_session() const { return true; }
  /// Whether it has a use for PlacementOptions::provider_settings and ::session_settings.
  virtual bool reads_provider_settings() const { return false; }
  virtual bool reads_session_settings() const { return false; }
  /// Why it cannot run anything on this machine in this precision ("auto", "fp32", …); nothing where it can.
  virtual std::optional<std::string> decline(const std::string& precision) const = 0;
  /// Throws Error: model_mismatch where the graph cannot be loaded, unavailable where this candidate cannot load it.
  virtual std::unique_ptr<Session> load(const SessionOptions& options) const = 0;
};

/// All candidates, preferred first: those that this build knows, and those of the provider libraries that are named.
/// Throws Error where one of these libraries cannot be loaded (see provider_library.hpp).
std::vector<std::shared_ptr<const Candidate>> candidates(const std::vector<ProviderLibrary>& libraries = {});

/// Whether nothing is asked for: only then a tuned setting is taken, and only what was tuned so is kept.
bool is_open(PlacementOptions wanted);

/// The setting that was tuned for a graph (see keep_tuned); nothing where something is asked for, or nothing was tuned.
std::optional<TunedSetting> tuned_setting(const std::filesystem::path& graph, const PlacementOptions& wanted,
                                          TuneGoal goal);

/// "backend/provider".
std::string full_name(const Candidate& candidate);

/// The precisions that can be asked for: "auto", "fp32", "bf16", "fp16", "int8".
const std::vector<std::string>& known_precisions();

struct CandidateReport {
  std::string name;                     ///< "backend/provider"
  std::optional<std::string> reason;    ///< why it declined; nothing where it accepts
  std::vector<std::string> precisions;  ///< that it accepts, without "auto"
};

/// What every candidate says about this machine, in order of preference.
std::vector<CandidateReport> candidate_reports(const std::vector<ProviderLibrary>& libraries = {});

/// The version of the ONNX Runtime library in use, e.g. "1.31.1".
std::string onnxruntime_version();
/// The execution providers that the ONNX Runtime library brings and that compute on this machine, by its own names.
std::vector<std::string> onnxruntime_providers();

}  // namespace vivace::runtime
