#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "model/catalog.hpp"
#include "model/essentia_import.hpp"
#include "model/model.hpp"
#include "model/pull.hpp"
#include "model/store.hpp"
#include "model/verify.hpp"
#include "vivace/error.hpp"

namespace vivace::cli {
namespace {

struct ModelArguments {
  std::vector<std::string> names;
  std::string graph;
  std::string metadata;
  model::ImportOptions import_options;
  bool accept_licence = false;
};

/// Name, state, licence and description of a model.
using ModelRow = std::array<std::string, 4>;

void print_table(const std::vector<ModelRow>& rows) {
  std::array<std::size_t, 4> widths{};
  for (const ModelRow& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size() + 2);
  }
  for (const ModelRow& row : rows) {
    fmt::print("{:<{}}{:<{}}{:<{}}{}\n", row[0], widths[0], row[1], widths[1], row[2], widths[2], row[3]);
  }
}

int list_models() {
  const model::Store store = model::Store::from_environment();
  bool any_broken = false;
  std::vector<ModelRow> rows;
  for (const model::InstalledModel& installed : store.list()) {
    if (installed.manifest) {
      rows.push_back({installed.name, "installed", installed.manifest->licence, installed.manifest->description});
    } else {
      any_broken = true;
      rows.push_back({installed.name, "broken", "", installed.problem});
    }
  }
  for (const model::CatalogEntry& entry : model::catalog()) {
    if (!store.find_installed(entry.name)) rows.push_back({entry.name, "to pull", entry.licence, entry.description});
  }
  print_table(rows);
  return any_broken ? kSomeItemsFailed : kAllGood;
}

int show_models(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::filesystem::path folder = model::Store::from_environment().find(name);
    fmt::print("# {}\n{}", folder.string(), model::to_toml(model::read_manifest(folder)));
  }
  return kAllGood;
}

int verify_models(std::vector<std::string> names) {
  const model::Store store = model::Store::from_environment();
  if (names.empty()) {
    for (const model::InstalledModel& installed : store.list()) names.push_back(installed.name);
  }
  bool any_failed = false;
  for (const std::string& name : names) {
    try {
      model::verify(store.find(name));
      fmt::print("{}: whole\n", name);
    } catch (const Error& error) {
      any_failed = true;
      print_error(error.what());
    }
  }
  return any_failed ? kSomeItemsFailed : kAllGood;
}

void report(const model::ImportedModel& imported) {
  for (const std::string& note : imported.notes) print_note("note: " + note);
  print_note(fmt::format("installed {} ({}) in {}", imported.manifest.name, imported.manifest.licence,
                         imported.folder.string()));
}

/// Pulls a model; the progress line ends with it, however it ends.
model::ImportedModel pull_model(const std::string& name, const model::PullOptions& options) {
  struct ProgressEnd {
    ~ProgressEnd() { clear_progress(); }
  } const end;
  return model::pull(name, options);
}

int pull_models(const ModelArguments& arguments) {
  const InterruptWatch interrupt("ending the download");
  for (const std::string& name : arguments.names) {
    model::PullOptions options;
    options.accept_licence = arguments.accept_licence;
    options.stop = interrupt.token();
    options.progress = [](const std::string& file, std::uint64_t done, std::uint64_t total) {
      constexpr double kMegabyte = 1e6;
      show_progress(fmt::format("{}  {:.1f}/{:.1f} MB", file, static_cast<double>(done) / kMegabyte,
                                static_cast<double>(total) / kMegabyte));
    };
    report(pull_model(name, options));
  }
  return kAllGood;
}

int import_model(const ModelArguments& arguments) {
  report(model::import_essentia(model::Store::from_environment(), arguments.graph, arguments.metadata,
                                arguments.import_options));
  return kAllGood;
}

}  // namespace

void add_model_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ModelArguments>();
  CLI::App* command = app.add_subcommand("model", "list, get and check models");
  command->require_subcommand(1);

  command->add_subcommand("list", "installed models, and those that can be pulled")->callback([&action] {
    action = list_models;
  });

  CLI::App* show = command->add_subcommand("show", "the manifest of a model: what it is, its licence, its labels");
  show->add_option("model", arguments->names, "installed models or model folders")->required();
  show->callback([arguments, &action] { action = [arguments] { return show_models(arguments->names); }; });

  CLI::App* pull = command->add_subcommand("pull", "download models of the catalog");
  pull->add_option("model", arguments->names, "names out of 'vivace model list'")->required();
  pull->add_flag("--accept-licence", arguments->accept_licence, "agree to the licence, which is shown without this");
  pull->callback([arguments, &action] { action = [arguments] { return pull_models(*arguments); }; });

  CLI::App* import_command =
      command->add_subcommand("import", "make a model of an ONNX graph and Essentia's JSON metadata");
  import_command->add_option("graph", arguments->graph, "the .onnx file")->required();
  import_command->add_option("metadata", arguments->metadata, "the .json file")->required();
  import_command->add_option("--name", arguments->import_options.name, "name of the model");
  import_command->add_option("--extractor", arguments->import_options.extractor,
                             "of a head: the extractor that it works on");
  import_command->add_option("--licence", arguments->import_options.licence, "licence of the weights, e.g. MIT");
  import_command->callback([arguments, &action] { action = [arguments] { return import_model(*arguments); }; });

  add_compare_models_command(*command, action);

  CLI::App* verify = command->add_subcommand("verify", "compare the files of models with their checksums");
  verify->add_option("model", arguments->names, "installed models or model folders; all without this");
  verify->callback([arguments, &action] { action = [arguments] { return verify_models(arguments->names); }; });
}

}  // namespace vivace::cli
