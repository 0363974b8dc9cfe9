#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/scheduling.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/library_job.hpp"
#include "cli/placement_arguments.hpp"
#include "cli/settings.hpp"
#include "library/database.hpp"
#include "library/stem_job.hpp"
#include "media/encoder.hpp"
#include "tasks/separate/stem_files.hpp"
#include "vivace/error.hpp"
#include "vivace/separate.hpp"

namespace vivace::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostShifts = 100;
constexpr std::size_t kMostTracks = 1024;
constexpr int kLowestBitRate = 32;
constexpr int kHighestBitRate = 500;
constexpr const char* kJournal = "stems.db";

struct SeparateArguments {
  SeparateOptions separate;
  std::string folder = "stems";
  separate::StemFileOptions files;
  std::string format = "flac";
  std::string clip = "rescale";
  std::string rate = "model";
  int kilobits = 0;
  bool no_tags = false;
  std::size_t tracks = 1;
  bool overwrite = false;
  LibraryJobArguments job;
};

separate::StemFileOptions file_options(const SeparateArguments& arguments) {
  separate::StemFileOptions files = arguments.files;
  files.folder = fs::absolute(arguments.folder).lexically_normal();
  files.format = media::audio_format(arguments.format);
  files.bit_rate = arguments.kilobits * 1000;
  files.clip = separate::clip_mode(arguments.clip);
  if (files.bit_rate > 0 && !media::has_bit_rate(files.format)) {
    throw Error(ErrorCode::invalid_argument, "--bit-rate",
                "is for mp3 and ogg; " + arguments.format + " keeps all bits");
  }
  files.source_rate = arguments.rate == "source";
  files.tags = !arguments.no_tags;
  return files;
}

/// Stems are no tracks: their folder is not searched where it lies inside one that is. Throws where it is one itself.
void leave_out_stems(jobs::ScanOptions& scan, const std::vector<fs::path>& roots, const library::StemJob& job) {
  if (std::ranges::find(roots, job.files.folder) == roots.end()) scan.unsearched.push_back(job.files.folder);
  scan.extensions = jobs::audio_extensions();
  for (const fs::path& root : roots) {
    for (const fs::path& stem : job.paths_of(root / "track.flac")) {
      if (!jobs::would_find(root, stem, scan)) continue;
      throw Error(ErrorCode::invalid_argument, job.files.folder.string(),
                  "the next run would take the stems in it for tracks, as it is searched itself; name a folder inside "
                  "of it with -o, or leave the stems out with --exclude");
    }
  }
}

/// The folder without links, so that its files have the names that a scan gives them.
fs::path made_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::unavailable, folder.string(), "the folder cannot be made: " + error.message());
  return fs::canonical(folder);
}

void reopen(library::Database& database, library::Results& results, const SeparateArguments& arguments,
            const library::StemJob& job) {
  database.transaction([&] {
    library::require_files_of_their_own(database, results, job);
    if (arguments.job.retry_failed) results.reopen_failures();
    if (arguments.overwrite) results.reopen(0);
    library::reopen_without_stems(database, results, job);
  });
}

int separate_tracks(SeparateArguments& arguments) {
  const InterruptWatch interrupt("finishing the tracks under way");  // before a model starts threads
  const std::vector<fs::path> roots = library::absolute_roots(arguments.job.folders);
  separate::StemFileOptions files = file_options(arguments);
  arguments.separate.threads = std::max<std::size_t>(1, thread_count(arguments.job) / arguments.tracks);
  const Separator separator(arguments.separate);
  separate::stem_paths(files, separator.model(), "track.flac");  // names are of use, or this says why not
  const library::BelowRoots below(roots);
  base::apply({.cores = {}, .nice = arguments.job.nice});
  files.folder = made_folder(files.folder);
  const library::StemJob job{separator, files, below};
  leave_out_stems(arguments.job.scan, roots, job);
  library::Database database(files.folder / kJournal, library::Database::Access::write);
  library::Results results(database, {library::store_feature_set(database, library::stem_set(job))},
                           scope_of(roots, arguments.job));
  const library::CatalogueReport found = scan_library(database, roots, arguments.job, interrupt.token());
  reopen(database, results, arguments, job);
  const library::JobOptions options{
      .roots = roots, .workers = arguments.tracks, .limits = arguments.job.limits, .curve_files = {}};
  const bool tells = !arguments.job.quiet && !arguments.job.monitor.json;
  const auto tell = [&](const library::JobEvent& event) {
    if (!tells || event.error != nullptr || event.vanished) return;
    base::write_standard_output(library::stem_report(event.outcome, results.sets().front().set));
  };
  return run_library_job(database, results, library::stem_analyst(job), options, found, arguments.job, tell,
                         interrupt.token());
}

void add_model_options(CLI::App& command, SeparateOptions& options) {
  command.add_option("-m,--model", options.model, "model, model folder, or ONNX file of HTDemucs, MDX-Net or Spleeter")
      ->capture_default_str();
  command.add_option("--stems", options.stems, "only these, e.g. vocals,drums")->delimiter(',');
  command.add_option("--two-stems", options.two_stems, "this stem, and all others together as no_<stem>");
  command.add_flag("--subtract", options.subtract, "with --two-stems: no_<stem> is the mix less the stem");
  command.add_option("--shifts", options.shifts, "HTDemucs: average so many shifted passes")
      ->check(CLI::Range(std::size_t{0}, kMostShifts));
  command.add_option("--seed", options.seed, "of the shifts")->capture_default_str()->check(CLI::NonNegativeNumber);
  command.add_option("--overlap", options.overlap, "of segments, 0 to 0.99, where the model has it");
  command.add_option("--segment", options.segment_s, "seconds a segment, where the graph takes any");
  command.add_flag("--denoise", options.denoise, "MDX-Net: cancel the noise that the network adds, for twice the time");
  command.add_flag("--band-limited-rest", options.band_limited_rest,
                   "MDX-Net: the other stem is without what lies above the network's band");
  command.add_option("--upper-band", options.upper_band, "Spleeter, above 11 kHz: zeros, or the average of the mask")
      ->check(CLI::IsMember({"zeros", "average"}))
      ->capture_default_str();
  command.add_option("--wiener", options.wiener, "Spleeter: iterations of multichannel Wiener filtering");
  add_placement_options(command, options.placement);
}

void add_output_options(CLI::App& command, SeparateArguments& arguments) {
  command
      .add_option("-o,--output", arguments.folder, "folder for the stems, and for stems.db, which says what is done")
      ->capture_default_str();
  command.add_option("--format", arguments.format, "of the stems")
      ->check(CLI::IsMember(media::audio_format_names()))
      ->capture_default_str();
  command.add_option("--bit-rate", arguments.kilobits, "kbit/s of mp3 and ogg")
      ->check(CLI::Range(kLowestBitRate, kHighestBitRate));
  command.add_option("--clip", arguments.clip, "beyond full scale: rescale all stems alike, clamp, or none")
      ->check(CLI::IsMember({"rescale", "clamp", "none"}))
      ->capture_default_str();
  command.add_option("--rate", arguments.rate, "of the stems: the model's, or that of the source")
      ->check(CLI::IsMember({"model", "source"}))
      ->capture_default_str();
  command
      .add_option("--names", arguments.files.names, "of the files, of {track} {name} {trackext} {stem} {model} {ext}")
      ->capture_default_str();
  command.add_flag("--no-tags", arguments.no_tags, "leave the track's tags out");
  command.add_flag("--overwrite", arguments.overwrite, "separate also what is done");
  command.add_flag("--retry-failed", arguments.job.retry_failed, "try again what failed");
}

void add_options(CLI::App& command, SeparateArguments& arguments) {
  command.add_option("files", arguments.job.folders, "audio files, and folders that are searched for them")->required();
  add_output_options(command, arguments);
  add_model_options(command, arguments.separate);
  command.add_option("--tracks", arguments.tracks, "tracks at a time; --threads are shared out among them")
      ->check(CLI::Range(std::size_t{1}, kMostTracks))
      ->capture_default_str();
  command
      .add_option("--workers", arguments.separate.workers,
                  "segments of a track at a time; 0: a thread each, but for HTDemucs one on all threads")
      ->check(CLI::Range(std::size_t{0}, kMostTracks));
  add_scan_options(command, arguments.job);
  add_limit_options(command, arguments.job);
  add_reporting_options(command, arguments.job);
}

}  // namespace

void add_separate_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<SeparateArguments>();
  CLI::App* command = app.add_subcommand("separate", "split music into stems");
  add_options(*command, *arguments);
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->job.verbose);
      return separate_tracks(*arguments);
    };
  });
}

}  // namespace vivace::cli
