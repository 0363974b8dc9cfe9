#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/session.hpp"

namespace vivace::runtime {

/// One way to run a graph: a backend with a provider. Stateless; safe from many threads.
class Candidate {
 public:
  virtual ~Candidate() = default;
  virtual std::string backend() const = 0;
  virtual std::string provider() const = 0;
  /// Why it cannot run anything on this machine; nothing where it can.
  virtual std::optional<std::string> decline() const = 0;
  /// Throws Error: model_mismatch where the graph cannot be loaded, unavailable where this candidate cannot load it.
  virtual std::unique_ptr<Session> load(const SessionOptions& options) const = 0;
};

/// All candidates that this build knows, preferred first; the plain CPU is last.
const std::vector<std::unique_ptr<Candidate>>& candidates();

struct CandidateReport {
  std::string name;                   ///< "backend/provider"
  std::optional<std::string> reason;  ///< why it declined; nothing where it accepts
};

/// What every candidate says about this machine, in order of preference.
std::vector<CandidateReport> candidate_reports();

/// The version of the ONNX Runtime library in use, e.g. "1.31.1".
std::string onnxruntime_version();
/// The execution providers that the ONNX Runtime library brings, by its own names.
std::vector<std::string> onnxruntime_providers();

}  // namespace vivace::runtime
