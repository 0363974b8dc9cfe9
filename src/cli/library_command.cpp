#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "library/database.hpp"
#include "library/digest.hpp"
#include "library/duplicates.hpp"
#include "library/show.hpp"
#include "library/statistics.hpp"
#include "library/verify.hpp"

namespace vivace::cli {
namespace {

using library::Database;

struct LibraryArguments {
  std::string library;
  std::string track;
  bool json = false;
  bool digest = false;
};

std::string json_text(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

int show_track(const LibraryArguments& arguments) {
  Database database(arguments.library, Database::Access::read);
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

int show_statistics(const LibraryArguments& arguments) {
  Database database(arguments.library, Database::Access::read);
  const nlohmann::json statistics = library::statistics(database);
  base::write_standard_output(arguments.json ? json_text(statistics) : library::to_text(statistics));
  return kAllGood;
}

int show_failures(const LibraryArguments& arguments) {
  Database database(arguments.library, Database::Access::read);
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const library::FailedTrack& track : library::failed_tracks(database)) {
    const std::string path = base::to_valid_utf8(track.path);
    list.push_back({{"path", path}, {"feature_sets", track.sets}, {"code", track.code}, {"message", track.message}});
    text += fmt::format("{}: {}: {} ({})\n", path, track.code, track.message, track.sets);
  }
  base::write_standard_output(arguments.json ? json_text(list) : text);
  return kAllGood;
}

int show_duplicates(const LibraryArguments& arguments) {
  Database database(arguments.library, Database::Access::change);
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const library::DuplicateGroup& group : library::find_duplicates(database)) {
    list.push_back({{"content_hash", group.content_hash}, {"paths", nlohmann::json::array()}});
    for (const std::string& path : group.paths) {
      list.back()["paths"].push_back(base::to_valid_utf8(path));
      text += base::to_valid_utf8(path) + '\n';
    }
    text += '\n';
  }
  base::write_standard_output(arguments.json ? json_text(list) : text);
  return kAllGood;
}

int verify_library(const LibraryArguments& arguments) {
  Database database(arguments.library, Database::Access::read);
  const library::Verification found = library::verify(database);
  for (const std::string& problem : found.problems) print_error(arguments.library + ": " + problem);
  if (found.workers > 0) {
    print_note(fmt::format("{} processes are at work on it, with {} tracks", found.workers, found.leases));
  }
  if (arguments.digest) base::write_standard_output(library::content_digest(database) + '\n');
  if (found.problems.empty() && !arguments.digest) base::write_standard_output(arguments.library + ": sound\n");
  return found.problems.empty() ? kAllGood : kSomeItemsFailed;
}

using Run = int (*)(const LibraryArguments&);

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description, Run run,
                      Action& action, const std::shared_ptr<LibraryArguments>& arguments) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("library", arguments->library, "a library that 'vivace analyze' made")->required();
  command->callback([arguments, run, &action] {
    action = [arguments, run] {
      print_library_log(false);
      return run(*arguments);
    };
  });
  return command;
}

}  // namespace

void add_library_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<LibraryArguments>();
  CLI::App* library = app.add_subcommand("library", "look into a music library, check and merge it");
  library->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, Run run) {
    return add_command(*library, name, description, run, action, arguments);
  };
  add("show", "all that is known of a track", show_track)
      ->add_option("track", arguments->track, "a part of its path")
      ->required();
  CLI::App* lists[] = {add("stats", "what the library holds, and what is still to be done", show_statistics),
                       add("failures", "tracks that failed, and why", show_failures),
                       add("duplicates", "files that have the same content", show_duplicates)};
  for (CLI::App* list : lists) list->add_flag("--json", arguments->json, "as JSON");
  add("verify", "check that the library is sound", verify_library)
      ->add_flag("--digest", arguments->digest, "print a digest of the content, whatever way it came to be");
  add_merge_command(*library, action);
  add_export_command(*library, action);
  add_library_report_command(*library, action);
}

}  // namespace vivace::cli
