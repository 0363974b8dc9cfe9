#include "bench/placement_settings.hpp"

#include <fmt/format.h>

#include <vector>

namespace vivace::bench {
namespace {

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

std::map<std::string, std::string> placement_settings(const PlacementOptions& wanted, const std::string& placement) {
  const std::size_t space = placement.find(' ');
  const std::string place = placement.substr(0, space);
  const std::size_t slash = place.find('/');
  const std::string lowered = space == std::string::npos ? "graph" : placement.substr(space + 1);
  std::map<std::string, std::string> settings = unusual_settings(wanted);
  settings.insert({{"placement", place},
                   {"backend", place.substr(0, slash)},
                   {"provider", place.substr(slash + 1)},
                   {"precision", wanted.precision == "auto" ? lowered : wanted.precision}});
  return settings;
}

}  // namespace vivace::bench
