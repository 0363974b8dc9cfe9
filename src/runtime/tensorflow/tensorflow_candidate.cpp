#include <fmt/format.h>

#include <filesystem>

#include "runtime/backend_module.hpp"
#include "runtime/tensorflow/tensorflow_session.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime::tensorflow {
namespace {

/// TensorFlow on the CPU, to compare with.
class TensorFlowCandidate : public Candidate {
 public:
  std::string backend() const override { return "tensorflow"; }
  std::string provider() const override { return "cpu"; }
  bool is_automatic() const override { return false; }
  bool has_threads_a_session() const override { return false; }
  std::string version() const override { return TF_Version(); }

  std::optional<std::string> decline(const std::string& precision) const override {
    if (precision == "auto" || precision == "fp32") return std::nullopt;
    return fmt::format("TensorFlow {} computes in the types of the graph, not in {}", TF_Version(), precision);
  }

  std::unique_ptr<Session> load(const SessionOptions& options) const override {
    std::error_code status;
    if (!std::filesystem::exists(options.graph, status)) {
      throw Error(ErrorCode::not_found, options.graph.string(), "no such file or folder");
    }
    return std::make_unique<TensorFlowSession>(options);
  }
};

}  // namespace
}  // namespace vivace::runtime::tensorflow

const vivace::runtime::Candidate* vivace_backend_candidate() {
  static const vivace::runtime::tensorflow::TensorFlowCandidate candidate;
  return &candidate;
}
