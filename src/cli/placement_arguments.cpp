#include "cli/placement_arguments.hpp"

#include <string>
#include <utility>
#include <vector>

#include "cli/repeatable.hpp"
#include "cli/settings.hpp"
#include "runtime/placement.hpp"

namespace vivace::cli {
namespace {

/// "key=value" in its parts; the value may hold further equals signs.
std::pair<std::string, std::string> split_pair(const std::string& option, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw CLI::ValidationError(option, "'" + text + "' is not of the form name=value");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// An option that may be given many times, each time with one "key=value".
template <typename Store>
void add_pairs(CLI::App& command, const std::string& name, const std::string& form, const std::string& help,
               Store store) {
  CLI::Option* option = command.add_option_function<std::vector<std::string>>(
      name,
      [name, store](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          auto [key, value] = split_pair(name, text);
          store(std::move(key), std::move(value));
        }
      },
      help);
  repeatable(option)->type_name(form);
}

}  // namespace

void add_uncached_placement_options(CLI::App& command, PlacementOptions& placement) {
  command.add_option("--backend", placement.backend, "auto, onnxruntime, openvino or tensorflow")
      ->capture_default_str();
  command.add_option("--provider", placement.provider, "auto, cpu, cuda, …: see vivace doctor")->capture_default_str();
  command.add_option("--precision", placement.precision, "of the arithmetic: see vivace doctor")
      ->check(CLI::IsMember(runtime::known_precisions()))
      ->capture_default_str();
  add_pairs(command, "--provider-library", "NAME=PATH", "a library of providers to load",
            [&placement](std::string name, std::string path) {
              placement.provider_libraries.push_back({std::move(name), std::move(path)});
            });
  add_pairs(command, "--provider-setting", "KEY=VALUE", "passed to the provider as it is",
            [&placement](std::string key, std::string value) {
              placement.provider_settings.insert_or_assign(std::move(key), std::move(value));
            });
  add_pairs(command, kSessionOption, "KEY=VALUE", "passed to ONNX Runtime's session as it is",
            [&placement](std::string key, std::string value) {
              placement.session_settings.insert_or_assign(std::move(key), std::move(value));
            });
  command.add_flag("--strict", placement.strict,
                   "fail where the provider leaves nodes to the CPU, or a provider library offers no device");
}

void add_placement_options(CLI::App& command, PlacementOptions& placement) {
  add_uncached_placement_options(command, placement);
  command.add_flag("--cache,!--no-cache", placement.cache, "keep optimized graphs for the next start")
      ->capture_default_str();
}

}  // namespace vivace::cli
