#include <filesystem>
#include <memory>
#include <string>

#include "base/files.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/library_output.hpp"
#include "library/database.hpp"
#include "library/report.hpp"

namespace vivace::cli {
namespace {

struct LibraryReportArguments {
  std::string library;
  std::string output;
  std::string model;
};

int write_report(const LibraryReportArguments& arguments) {
  require_other_file(arguments.library, arguments.output);
  library::Database database(arguments.library, library::Database::Access::read);
  const std::string name = std::filesystem::path(arguments.library).filename().string();
  const std::string page = library::to_html(library::report_data(database, arguments.model), "Music library " + name);
  if (arguments.output == "-") {
    base::write_standard_output(page);
    return kAllGood;
  }
  base::AtomicFile file(arguments.output);
  file.write(page);
  file.commit();
  return kAllGood;
}

}  // namespace

void add_library_report_command(CLI::App& library_command, Action& action) {
  auto arguments = std::make_shared<LibraryReportArguments>();
  CLI::App* command = library_command.add_subcommand("report", "one page of HTML: map, distributions, failures");
  command->add_option("library", arguments->library, "a library that 'vivace analyze' made")->required();
  command->add_option("-o,--output", arguments->output, "the page to write; - is standard output")->required();
  command->add_option("-m,--model", arguments->model,
                      "whose embeddings make the map; else those that most tracks have");
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(false);
      return write_report(*arguments);
    };
  });
}

}  // namespace vivace::cli
