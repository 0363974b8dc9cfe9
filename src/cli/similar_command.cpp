#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/placement_arguments.hpp"
#include "cli/settings.hpp"
#include "library/musical_key.hpp"
#include "library/similar.hpp"

namespace vivace::cli {
namespace {

constexpr std::size_t kLargestCount = 100'000;

struct SimilarArguments {
  std::string track;
  std::string library;
  std::string tempo;
  library::SimilarOptions options;
  bool json = false;
  bool verbose = false;
};

/// "5%" or "5": a share of 0.05.
double parse_share(const std::string& text) {
  const std::string number = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  double percent = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), percent);
  const bool whole = error == std::errc() && end == number.data() + number.size();
  constexpr double kAll = 100;
  if (whole && percent >= 0 && percent <= kAll) return percent / kAll;
  throw Error(ErrorCode::invalid_argument, "--tempo " + text, "must be a percentage of 0 to 100, e.g. 5%");
}

template <typename T>
nlohmann::json json_of(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

std::string to_json(const library::SimilarTracks& similar) {
  nlohmann::json tracks = nlohmann::json::array();
  for (const library::SimilarTrack& track : similar.tracks) {
    tracks.push_back({{"path", base::to_valid_utf8(track.path)},
                      {"similarity", track.similarity},
                      {library::kTempoField, json_of(track.traits.tempo_bpm)},
                      {library::kKeyField, json_of(track.traits.key)},
                      {library::kScaleField, json_of(track.traits.scale)},
                      {library::kLoudnessField, json_of(track.traits.loudness_lufs)}});
  }
  const nlohmann::json all = {
      {"to", base::to_valid_utf8(similar.to)}, {"model", similar.model}, {"tracks", std::move(tracks)}};
  return all.dump(2) + '\n';
}

/// "128.0 BPM, A minor (8A), -9.3 LUFS", as far as it is known.
std::string traits_text(const library::TrackTraits& traits) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (traits.tempo_bpm) add(fmt::format("{:.1f} BPM", *traits.tempo_bpm));
  if (traits.key && traits.scale) {
    const auto key = library::parse_key(*traits.key, *traits.scale);
    add(fmt::format("{} {}{}", *traits.key, *traits.scale, key ? fmt::format(" ({})", library::camelot(*key)) : ""));
  }
  if (traits.loudness_lufs) add(fmt::format("{:.1f} LUFS", *traits.loudness_lufs));
  return text;
}

std::string to_text(const library::SimilarTracks& similar) {
  std::string text;
  for (const library::SimilarTrack& track : similar.tracks) {
    const std::string traits = traits_text(track.traits);
    text += fmt::format("{:.4f}  {}{}\n", track.similarity, base::to_valid_utf8(track.path),
                        traits.empty() ? "" : "  [" + traits + "]");
  }
  return text;
}

int show_similar(SimilarArguments& arguments) {
  if (!arguments.tempo.empty()) arguments.options.filter.tempo_share = parse_share(arguments.tempo);
  library::Database database(arguments.library, library::Database::Access::read);
  const library::SimilarTracks similar = library::find_similar(database, arguments.track, arguments.options);
  base::write_standard_output(arguments.json ? to_json(similar) : to_text(similar));
  if (similar.tracks.empty()) print_note("no other track passes the filters");
  return kAllGood;
}

}  // namespace

void add_similar_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<SimilarArguments>();
  library::SimilarOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("similar", "tracks of a library that sound like one");
  command->add_option("track", arguments->track, "a part of its path, or any audio file")->required();
  command->add_option("--library", arguments->library, "a library that 'vivace analyze' made")->required();
  command->add_option("--top", options.count, "how many")
      ->check(CLI::Range(std::size_t{1}, kLargestCount))
      ->capture_default_str();
  command->add_option("-m,--model", options.model, "whose embeddings; else those that most tracks have");
  command->add_option("--tempo", arguments->tempo, "only with a tempo this near, e.g. 5%");
  command->add_flag("--key-compatible", options.filter.compatible_key,
                    "only in the same key, its relative, or a fifth away");
  command->add_option("--loudness", options.filter.loudness_lu, "only with a loudness this near, in LU")
      ->check(CLI::NonNegativeNumber);
  add_placement_options(*command, options.placement);
  command->add_flag("--json", arguments->json, "as JSON");
  command->add_flag("-v,--verbose", arguments->verbose, "say why backends were not chosen");
  allow_environment(*command);
  command->callback([arguments, &action] {
    action = [arguments] {
      print_library_log(arguments->verbose);
      return show_similar(*arguments);
    };
  });
}

}  // namespace vivace::cli
