#include "cli/settings.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace vivace::cli {
namespace {

std::string variable_name(std::string option) {
  std::transform(option.begin(), option.end(), option.begin(),
                 [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  return "VIVACE_" + option;
}

bool is_set(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  return value != nullptr && *value != '\0';
}

/// Passes over what the environment sets too: CLI11 asks the file first.
class FileBelowEnvironment : public CLI::ConfigTOML {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> settings = CLI::ConfigTOML::from_config(input);
    std::erase_if(settings, [](const CLI::ConfigItem& item) { return is_set(variable_name(item.name)); });
    return settings;
  }
};

}  // namespace

void allow_settings_file(CLI::App& app) {
  app.config_formatter(std::make_shared<FileBelowEnvironment>());
  app.set_config("--config", "vivace.toml", "read options from this file, [embed] for those of 'embed'");
  app.allow_config_extras(CLI::config_extras_mode::error);
}

void allow_environment(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    const std::string name = option->get_single_name();
    if (name != "help" && !option->get_positional()) option->envname(variable_name(name));
  }
}

}  // namespace vivace::cli
