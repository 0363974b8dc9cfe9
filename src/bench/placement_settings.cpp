#include "bench/placement_settings.hpp"

#include <fmt/format.h>

#include <vector>

#include "runtime/placement.hpp"

namespace vivace::bench {
namespace {

std::string precision_of(const PlacementOptions& wanted, const std::filesystem::path& graph,
                         const std::string& placement) {
  if (wanted.precision != "auto") return wanted.precision;
  const auto tuned = runtime::tuned_setting(graph, wanted, TuneGoal::throughput);
  return tuned && placement == tuned->backend + "/" + tuned->provider ? tuned->precision : "graph";
}

std::string joined(const std::map<std::string, std::string>& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  return text;
}

std::string joined(const std::vector<ProviderLibrary>& libraries) {
  std::string text;
  for (const auto& [name, path] : libraries) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, path.string());
  }
  return text;
}

/// Results of runs that leave all of these as they are say nothing of them.
std::map<std::string, std::string> unusual_settings(const PlacementOptions& wanted) {
  std::map<std::string, std::string> settings{{"provider-library", joined(wanted.provider_libraries)},
                                              {"provider-setting", joined(wanted.provider_settings)},
                                              {"session", joined(wanted.session_settings)},
                                              {"cache", wanted.cache ? "" : "off"},
                                              {"strict", wanted.strict ? "on" : ""}};
  std::erase_if(settings, [](const auto& setting) { return setting.second.empty(); });
  return settings;
}

}  // namespace

std::map<std::string, std::string> placement_settings(const PlacementOptions& wanted,
                                                      const std::filesystem::path& graph,
                                                      const std::string& placement) {
  const std::size_t slash = placement.find('/');
  std::map<std::string, std::string> settings = unusual_settings(wanted);
  settings.insert({{"placement", placement},
                   {"backend", placement.substr(0, slash)},
                   {"provider", placement.substr(slash + 1)},
                   {"precision", precision_of(wanted, graph, placement)}});
  return settings;
}

}  // namespace vivace::bench
