#include "library/similar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "base/files.hpp"
#include "base/log.hpp"
#include "library/file_state.hpp"
#include "library/query.hpp"
#include "library/show.hpp"
#include "library/similarity_index.hpp"
#include "library/track_row.hpp"
#include "vivace/embed.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamed = 5;

/// What is searched for.
struct Wanted {
  std::string path;
  std::optional<std::int64_t> track;  // in the library
  std::vector<float> vector;
  TrackTraits traits;
};

/// The track of exactly this path.
std::optional<TrackFile> track_at(Database& database, const std::string& path) {
  Query row(database, "SELECT id, size, mtime_ns FROM tracks WHERE path = ?", StoredPath{path});
  if (!row.step()) return std::nullopt;
  return TrackFile{row.integer(0), path, row.integer(1), row.integer(2)};
}

/// An existing file by its absolute name, with and without links followed.
std::optional<TrackFile> track_of_file(Database& database, const fs::path& file) {
  std::error_code error;
  for (const fs::path& path : {fs::absolute(file, error).lexically_normal(), fs::canonical(file, error)}) {
    if (auto track = track_at(database, path.string())) return track;
  }
  return std::nullopt;
}

TrackName only_track(Database& database, const std::string& part) {
  const std::vector<TrackName> tracks = find_tracks(database, part);
  if (tracks.size() == 1) return tracks.front();
  if (tracks.empty()) {
    throw Error(ErrorCode::not_found, database.path(),
                fmt::format("no track whose path holds '{}', and no such file", base::to_valid_utf8(part)));
  }
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, tracks.size()); ++i) names += base::to_valid_utf8(tracks[i].path) + ", ";
  throw Error(
      ErrorCode::invalid_argument, database.path(),
      fmt::format("{} tracks hold '{}' in their paths: {}{}; say more of the path of one", tracks.size(),
                  base::to_valid_utf8(part), names.substr(0, names.size() - 2), tracks.size() > kNamed ? ", …" : ""));
}

/// Nobody waits for a model where a track was asked for by its name in the library.
void warn_where_changed(Database& database, const TrackName& track) {
  const std::optional<TrackFile> file = database.run([&] { return track_at(database, track.path); });
  if (!file || is_unchanged(*file) || is_gone(track.path)) return;
  base::log(base::LogLevel::warning,
            base::to_valid_utf8(track.path) + ": has changed since it was analysed; it is compared as it was then");
}

Wanted known_track(Database& database, const TrackName& track, const SimilarityIndex& index) {
  const auto row = index.row_of(track.id);
  if (!row) {
    throw Error(ErrorCode::not_found, base::to_valid_utf8(track.path),
                "has no embedding in the library: it was not analysed with this model, or it is silent or too short");
  }
  const auto vector = index.vectors().row(*row);
  return {track.path, track.id, {vector.begin(), vector.end()}, traits_of(database, track.id)};
}

/// Whether a text has a SHA-256 in hexadecimal digits.
bool has_digest(const std::string& text) {
  constexpr std::size_t kDigits = 64;
  std::size_t digits = 0;
  for (const char c : text) {
    digits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ? digits + 1 : 0;
    if (digits == kDigits) return true;
  }
  return false;
}

/// The settings of a set name the model by its digest, so that another one of the same name is noticed.
void require_same_model(const FeatureSet& set, const EmbedModelInfo& model) {
  if (!has_digest(set.configuration) || set.configuration.find(model.sha256) != std::string::npos) return;
  throw Error(ErrorCode::model_mismatch, set.name,
              "is not the model here that the library was analysed with; analyse it again, or install that one");
}

std::vector<float> embed(const fs::path& file, const FeatureSet& set, const SimilarOptions& options) {
  EmbedOptions embed_options;
  embed_options.model = set.name;
  embed_options.placement = options.placement;
  embed_options.keep_rows = false;
  const Embedder embedder(embed_options);
  require_same_model(set, embedder.model());
  const Embedding embedding = embedder.embed_file(file);
  std::vector<float> vector = embedding.mean;
  if (normalise(vector)) return vector;
  throw Error(ErrorCode::invalid_argument, file.string(),
              embedding.note.empty() ? "has no embedding that could be compared" : embedding.note);
}

Wanted foreign_file(const fs::path& file, const EmbeddingSet& embeddings, const SimilarityIndex& index,
                    const SimilarOptions& options) {
  const FeatureSet& set = embeddings.set.set;
  Wanted wanted{file.string(), std::nullopt, embed(file, set, options), measure_traits(file, options.filter)};
  if (wanted.vector.size() == index.vectors().dimension) return wanted;
  throw Error(ErrorCode::model_mismatch, set.name,
              fmt::format("gives embeddings of {} numbers, those in the library have {}; analyse it with this model",
                          wanted.vector.size(), index.vectors().dimension));
}

Wanted resolve(Database& database, const std::string& track, const EmbeddingSet& embeddings,
               const SimilarityIndex& index, const SimilarOptions& options) {
  std::error_code error;
  if (fs::is_regular_file(track, error)) {
    const auto known = database.run([&] { return track_of_file(database, track); });
    const bool has_row = known && index.row_of(known->id);
    if (has_row && is_unchanged(*known)) return known_track(database, {known->id, known->path.string()}, index);
    Wanted wanted = foreign_file(track, embeddings, index, options);
    if (has_row) wanted.track = known->id;  // as it was before it changed
    return wanted;
  }
  const TrackName named = only_track(database, track);
  warn_where_changed(database, named);
  return known_track(database, named, index);
}

}  // namespace

SimilarTracks find_similar(Database& database, const std::string& track, const SimilarOptions& options) {
  const EmbeddingSet embeddings = find_embeddings(database, options.model);
  const SimilarityIndex index = SimilarityIndex::open(database, embeddings);
  const Wanted wanted = resolve(database, track, embeddings, index, options);
  std::vector<std::uint8_t> allowed = index.only(tracks_near(database, options.filter, wanted.traits));
  if (wanted.track) allowed[*index.row_of(*wanted.track)] = 0;
  SimilarTracks similar{wanted.path, embeddings.set.set.name, {}};
  for (const Neighbour& neighbour : index.search(wanted.vector, options.count, allowed)) {
    const std::int64_t id = index.tracks()[neighbour.row];
    similar.tracks.push_back(database.run([&] {
      return SimilarTrack{path_of(database, id), neighbour.similarity, traits_of(database, id)};
    }));
  }
  return similar;
}

}  // namespace vivace::library
