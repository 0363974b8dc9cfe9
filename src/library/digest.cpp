#include "library/digest.hpp"

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"
#include "library/feature_tables.hpp"
#include "library/query.hpp"
#include "library/track_row.hpp"
#include "records/json_line.hpp"
#include "records/schema.hpp"

namespace vivace::library {
namespace {

/// Hashes values so that no two lists of values give the same bytes.
class ContentHash {
 public:
  void add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    hash_.update(text);
  }
  void add(std::int64_t number) {
    hash_.update({reinterpret_cast<const char*>(&number), sizeof number});  // NOLINT(*-reinterpret-cast)
  }
  void add(double number) { add(std::bit_cast<std::int64_t>(number)); }
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const std::optional<std::string>& text) {
    add(static_cast<std::int64_t>(text.has_value()));
    if (text) add(*text);
  }
  void add(const records::Value& value) {
    std::string json;
    records::append_json(json, value);
    add(static_cast<std::int64_t>(value.index()));
    add(json);
  }
  std::string finish() { return hash_.finish(); }

 private:
  base::Sha256 hash_;
};

void add_set(ContentHash& hash, const StoredFeatureSet& stored) {
  const FeatureSet& set = stored.set;
  for (const std::string& text : {set.name, set.kind, set.description, set.configuration}) hash.add(text);
  hash.add(static_cast<std::int64_t>(set.version));
  for (const analyze::FieldInfo& field : set.fields) {
    for (const std::string& text : {field.name, field.unit, field.range, field.definition}) hash.add(text);
    hash.add(records::field_type_name(field.type));
    hash.add(static_cast<std::int64_t>(field.size));
  }
}

void add_track(ContentHash& hash, const TrackRow& track) {
  hash.add(track.path);
  hash.add(track.size);
  hash.add(track.mtime_ns);
  hash.add(track.content_hash);
  hash.add(track.state);
  if (!track.properties) return;
  const TrackProperties& properties = *track.properties;
  hash.add(properties.duration_s);
  hash.add(static_cast<std::int64_t>(properties.sample_rate_hz));
  hash.add(static_cast<std::int64_t>(properties.channels));
  hash.add(properties.container);
  hash.add(properties.codec);
  hash.add(static_cast<std::int64_t>(properties.truncated));
}

void add_result(ContentHash& hash, Database& database, const StoredFeatureSet& set, std::int64_t track) {
  const std::optional<ResultRow> result = find_result(database, set.id, track);
  if (!result) return;
  hash.add(set.set.name);
  hash.add(result->state);
  hash.add(static_cast<std::int64_t>(result->version));
  hash.add(result->configuration_hash);
  hash.add(result->error_code);
  hash.add(result->error_message);
  for (const analyze::FieldValue& field : values_of(database, set, track)) {
    hash.add(field.value);
    hash.add(field.reason);
  }
}

}  // namespace

std::string content_digest(Database& database) {
  return database.run([&] {
    ContentHash hash;
    const std::vector<StoredFeatureSet> sets = stored_feature_sets(database);
    for (const StoredFeatureSet& set : sets) add_set(hash, set);
    Query rows(database, select_tracks("ORDER BY path"));
    while (rows.step()) {
      const TrackRow track = read_track_row(rows);
      add_track(hash, track);
      for (const StoredFeatureSet& set : sets) add_result(hash, database, set, track.id);
    }
    return hash.finish();
  });
}

}  // namespace vivace::library
