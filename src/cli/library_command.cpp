#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "library/database.hpp"
#include "library/show.hpp"

namespace vivace::cli {
namespace {

struct LibraryArguments {
  std::string library;
  std::string track;
};

int show_track(const LibraryArguments& arguments) {
  library::Database database(arguments.library, library::Database::Access::read);
  const std::vector<library::TrackName> tracks = library::find_tracks(database, arguments.track);
  if (tracks.empty()) {
    print_error(fmt::format("{}: no track whose path holds '{}'", arguments.library, arguments.track));
    return kNothingCouldRun;
  }
  if (tracks.size() == 1) {
    base::write_standard_output(library::describe_track(database, tracks.front().id));
    return kAllGood;
  }
  std::string list;
  for (const library::TrackName& track : tracks) list += base::to_valid_utf8(track.path) + '\n';
  base::write_standard_output(list);
  print_note(fmt::format("{} tracks; say more of the path of the one that you mean", tracks.size()));
  return kAllGood;
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      LibraryArguments& arguments) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("library", arguments.library, "a library that 'vivace analyze' made")->required();
  return command;
}

}  // namespace

void add_library_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<LibraryArguments>();
  CLI::App* command = app.add_subcommand("library", "look into a music library, check and merge it");
  command->require_subcommand(1);

  CLI::App* show = add_command(*command, "show", "all that is known of a track", *arguments);
  show->add_option("track", arguments->track, "a part of its path")->required();
  show->callback([arguments, &action] { action = [arguments] { return show_track(*arguments); }; });
}

}  // namespace vivace::cli
