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

constexpr const char* kSessionSection = "session";

/// The items of [session] as "key=value"; what they stood for is removed. Keys hold dots, which the parser takes for
/// parents.
std::vector<std::string> take_session_settings(std::vector<CLI::ConfigItem>& settings) {
  std::vector<std::string> pairs;
  std::erase_if(settings, [&pairs](const CLI::ConfigItem& item) {
    if (item.parents.empty() || item.parents.front() != kSessionSection) return false;
    if (item.name == "++" || item.name == "--") return true;
    std::string key;
    for (std::size_t i = 1; i < item.parents.size(); ++i) key += item.parents[i] + ".";
    std::string value;
    for (const std::string& part : item.inputs) value += (value.empty() ? "" : ",") + part;
    pairs.push_back(key + item.name + "=" + value);
    return true;
  });
  return pairs;
}

/// Gives `pairs` to every command below `app` that takes them.
void add_session_items(const CLI::App& app, const std::vector<std::string>& parents,
                       const std::vector<std::string>& pairs, std::vector<CLI::ConfigItem>& settings) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> path = parents;
    path.push_back(command->get_name());
    if (command->get_option_no_throw(kSessionOption) != nullptr) {
      CLI::ConfigItem item;
      item.parents = path;
      item.name = kSessionSection;
      item.inputs = pairs;
      settings.push_back(std::move(item));
    }
    add_session_items(*command, path, pairs, settings);
  }
}

/// Passes over what the environment sets too: CLI11 asks the file first.
class FileBelowEnvironment : public CLI::ConfigTOML {
 public:
  explicit FileBelowEnvironment(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> settings = CLI::ConfigTOML::from_config(input);
    const std::vector<std::string> pairs = take_session_settings(settings);
    if (!pairs.empty()) add_session_items(app_, {}, pairs, settings);
    std::erase_if(settings, [](const CLI::ConfigItem& item) { return is_set(variable_name(item.name)); });
    return settings;
  }

 private:
  const CLI::App& app_;
};

}  // namespace

void allow_settings_file(CLI::App& app) {
  app.config_formatter(std::make_shared<FileBelowEnvironment>(app));
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
