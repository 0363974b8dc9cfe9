#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace vivace {

/// A library of execution providers that ONNX Runtime loads at run time (a "plug-in").
struct ProviderLibrary {
  std::string name;            ///< it is registered under; any that is not taken
  std::filesystem::path path;  ///< of the shared object

  bool operator==(const ProviderLibrary&) const = default;
};

/// Where and how a graph runs.
struct PlacementOptions {
  std::string backend = "auto";    ///< "auto" or a backend's name, e.g. "onnxruntime"
  std::string provider = "auto";   ///< "auto" or a provider's name, e.g. "cpu"; what is there tells `vivace doctor`
  std::string precision = "auto";  ///< of the arithmetic: "auto", "fp32", "bf16", "fp16" or "int8"
  /// Of the memory of convolutions: "auto", "plain" (as in the graph), or "blocked" (channels in groups as wide as the
  /// CPU's vectors). The classic CPU provider has both; others decide for themselves.
  std::string layout = "auto";
  /// Plug-ins that are registered before candidates are asked.
  std::vector<ProviderLibrary> provider_libraries{};
  std::map<std::string, std::string> provider_settings{};  ///< passed to the provider as they are
  std::map<std::string, std::string> session_settings{};   ///< passed to the session (ONNX Runtime's config entries)
  bool cache = true;  ///< whether optimized graphs are kept in, and read from, the user's cache folder
  /// Whether it is an error, instead of run on the CPU, where the provider does not take a node, or cannot start, or a
  /// provider library offers no device.
  bool strict = false;

  bool operator==(const PlacementOptions&) const = default;
};

}  // namespace vivace
