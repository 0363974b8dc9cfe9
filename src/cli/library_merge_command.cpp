#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/library_output.hpp"
#include "library/database.hpp"
#include "library/merge.hpp"

namespace vivace::cli {
namespace {

using library::Database;

struct MergeArguments {
  std::vector<std::string> libraries;
  std::string output;
};

int merge_libraries(const MergeArguments& arguments) {
  for (const std::string& library : arguments.libraries) {
    require_other_file(library, arguments.output);
    const Database check(library, Database::Access::read);
  }
  Database target(arguments.output, Database::Access::write);
  bool any_conflict = false;
  for (const std::string& library : arguments.libraries) {
    Database source(library, Database::Access::read);
    const library::MergeReport report = library::merge(target, source);
    for (const std::string& conflict : report.conflicts) print_error(conflict);
    print_note(fmt::format("{}: {} tracks, {} of them new, {} conflicts", library, report.tracks, report.added,
                           report.conflicts.size()));
    any_conflict = any_conflict || !report.conflicts.empty();
  }
  return any_conflict ? kSomeItemsFailed : kAllGood;
}

}  // namespace

void add_merge_command(CLI::App& library_command, Action& action) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* command = library_command.add_subcommand("merge", "bring libraries together, e.g. of the parts of a job");
  command->add_option("libraries", arguments->libraries, "libraries that are read")->required();
  command->add_option("-o,--output", arguments->output, "the library that they are brought into")->required();
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(false);
      return merge_libraries(*arguments);
    };
  });
}

}  // namespace vivace::cli
