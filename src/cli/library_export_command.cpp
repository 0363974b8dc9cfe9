#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/library_output.hpp"
#include "cli/repeatable.hpp"
#include "library/database.hpp"
#include "library/export.hpp"

namespace vivace::cli {
namespace {

struct ExportArguments {
  std::string library;
  library::ExportOptions options;
};

int export_tracks(const ExportArguments& arguments) {
  require_other_file(arguments.library, arguments.options.output.string());
  library::Database database(arguments.library, library::Database::Access::read);
  const std::size_t tracks = library::export_library(database, arguments.options);
  print_note(fmt::format("{} tracks", tracks));
  return kAllGood;
}

}  // namespace

void add_export_command(CLI::App& library_command, Action& action) {
  auto arguments = std::make_shared<ExportArguments>();
  library::ExportOptions& options = arguments->options;
  CLI::App* command = library_command.add_subcommand("export", "a table of its tracks, in many formats");
  command->add_option("library", arguments->library, "a library that 'vivace analyze' made")->required();
  command->add_option("-o,--output", options.output, "the file; its extension names the format; - is standard output")
      ->required();
  command->add_option("--format", options.format, "csv, jsonl, npy (with index), parquet or db (SQLite)");
  command->add_option("--fields", options.fields, "only these, by name or group, e.g. duration_s,tempo")
      ->delimiter(',');
  repeatable(command->add_option("--where", options.where,
                                 "only tracks for which this holds, e.g. tempo.bpm>=120 or path~live"));
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(false);
      return export_tracks(*arguments);
    };
  });
}

}  // namespace vivace::cli
