#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <new>
#include <openvino/openvino.hpp>
#include <string>
#include <string_view>

#include "runtime/backend_module.hpp"
#include "runtime/openvino/openvino_session.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime::openvino {
namespace {

bool names_a_setting(std::string_view message, const std::map<std::string, std::string>& settings) {
  return std::any_of(settings.begin(), settings.end(), [&](const auto& setting) {
    return message.find("property " + setting.first) != std::string_view::npos;
  });
}

/// OpenVINO on the CPU.
class OpenVinoCandidate : public Candidate {
 public:
  std::string backend() const override { return "openvino"; }
  std::string provider() const override { return "cpu"; }
  bool is_automatic() const override { return false; }
  bool has_threads_a_session() const override { return false; }
  bool reads_provider_settings() const override { return true; }
  std::string version() const override { return ov::get_openvino_version().buildNumber; }

  std::optional<std::string> decline(const std::string& precision) const override {
    try {
      if (precision != "bf16" && precision != "fp16") {
        capabilities();
        return std::nullopt;
      }
      const std::vector<std::string> can = capabilities();
      const std::string wanted = precision == "bf16" ? "BF16" : "FP16";
      if (std::find(can.begin(), can.end(), wanted) != can.end()) return std::nullopt;
      return fmt::format("this CPU has no instructions for {} (OpenVINO {} finds {})", precision,
                         ov::get_openvino_version().buildNumber, fmt::join(can, ", "));
    } catch (const std::exception& error) {
      return fmt::format("OpenVINO cannot be started: {}", error.what());
    }
  }

  std::unique_ptr<Session> load(const SessionOptions& options) const override {
    std::error_code status;
    if (!std::filesystem::is_regular_file(options.graph, status)) {
      throw Error(ErrorCode::not_found, options.graph.string(), "no such file");
    }
    try {
      return std::make_unique<OpenVinoSession>(options);
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw Error(ErrorCode::resource_exhausted, options.graph.string(), "needs more memory than there is");
    } catch (const std::exception& error) {
      if (names_a_setting(error.what(), options.placement.provider_settings)) {
        throw Error(ErrorCode::invalid_argument, "provider settings", fmt::format("OpenVINO: {}", error.what()));
      }
      throw Error(ErrorCode::model_mismatch, options.graph.string(),
                  fmt::format("not a graph that OpenVINO {} can load: {}", ov::get_openvino_version().buildNumber,
                              error.what()));
    }
  }

 private:
  static std::vector<std::string> capabilities() {
    return openvino_core().get_property("CPU", ov::device::capabilities);
  }
};

}  // namespace
}  // namespace vivace::runtime::openvino

const vivace::runtime::Candidate* vivace_backend_candidate() {
  static const vivace::runtime::openvino::OpenVinoCandidate candidate;
  return &candidate;
}
