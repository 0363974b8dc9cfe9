#include "library/embeddings.hpp"

#include <fmt/format.h>

#include <cstring>

#include "library/query.hpp"
#include "library/unit_vectors.hpp"
#include "records/sqlite_table.hpp"

namespace vivace::library {
namespace {

using records::quoted_identifier;

// Of the set ?1 in version ?2 and configuration ?3; what is stale still has its values.
constexpr const char* kHasValues =
    "feature_set = ?1 AND version = ?2 AND configuration_hash = ?3 AND results.state IN ('done', 'stale')";

bool has_field(const FeatureSet& set, const std::string& name) {
  for (const analyze::FieldInfo& field : set.fields) {
    if (field.name == name && field.type == records::FieldType::vector) return true;
  }
  return false;
}

std::vector<EmbeddingSet> all_embeddings(Database& database) {
  std::vector<EmbeddingSet> found;
  for (StoredFeatureSet& set : stored_feature_sets(database)) {
    std::string field = set.set.name + ".embedding";
    if (has_field(set.set, field)) found.push_back({std::move(set), std::move(field)});
  }
  return found;
}

std::int64_t count_of(Database& database, const EmbeddingSet& embeddings) {
  const StoredFeatureSet& set = embeddings.set;
  return integer_of(database, fmt::format("SELECT count(*) FROM results WHERE {}", kHasValues), set.id, set.set.version,
                    set.configuration_hash);
}

[[noreturn]] void refuse(Database& database, const std::string& model, const std::vector<EmbeddingSet>& all) {
  if (all.empty()) {
    throw Error(ErrorCode::not_found, database.path(),
                "has no embeddings; 'vivace analyze --model NAME' computes those of a model");
  }
  std::string names;
  for (const EmbeddingSet& embeddings : all) names += (names.empty() ? "" : ", ") + embeddings.set.set.name;
  throw Error(ErrorCode::not_found, database.path(),
              fmt::format("has no embeddings of the model '{}', only of {}", model, names));
}

/// Appends a stored vector where it has a direction.
void append(Embeddings& all, std::int64_t track, const SQLite::Column& column) {
  const auto bytes = static_cast<std::size_t>(column.getBytes());
  if (bytes == 0) return;
  if (all.dimension == 0) all.dimension = bytes / sizeof(float);
  if (bytes != all.dimension * sizeof(float)) return;
  const std::size_t end = all.vectors.size();
  all.vectors.resize(end + all.dimension);
  std::memcpy(all.vectors.data() + end, column.getBlob(), bytes);
  if (normalise(std::span(all.vectors).subspan(end))) {
    all.tracks.push_back(track);
  } else {
    all.vectors.resize(end);
  }
}

}  // namespace

EmbeddingSet find_embeddings(Database& database, const std::string& model) {
  return database.run([&] {
    const std::vector<EmbeddingSet> all = all_embeddings(database);
    const EmbeddingSet* found = nullptr;
    std::int64_t most = -1;
    for (const EmbeddingSet& embeddings : all) {
      if (!model.empty() && embeddings.set.set.name != model) continue;
      const std::int64_t count = count_of(database, embeddings);
      if (count <= most) continue;
      most = count;
      found = &embeddings;
    }
    if (found == nullptr) refuse(database, model, all);
    return *found;
  });
}

std::string embeddings_stamp(Database& database, const EmbeddingSet& embeddings) {
  return database.run([&] {
    const StoredFeatureSet& set = embeddings.set;
    Query row(database,
              fmt::format("SELECT count(*), max(finished_at), total(finished_at), total(track), min(track) "
                          "FROM results WHERE {}",
                          kHasValues),
              set.id, set.set.version, set.configuration_hash);
    row.step();
    return fmt::format("{} {} {} {} {} {} {} {}", set.set.name, set.set.version, set.configuration_hash, row.integer(0),
                       row.number(1), row.number(2), row.number(3), row.integer(4));
  });
}

Embeddings read_embeddings(Database& database, const EmbeddingSet& embeddings) {
  return database.run([&] {
    const StoredFeatureSet& set = embeddings.set;
    Embeddings all;
    for (const analyze::FieldInfo& field : set.set.fields) {
      if (field.name == embeddings.field) all.dimension = field.size;
    }
    const auto count = static_cast<std::size_t>(count_of(database, embeddings));
    all.tracks.reserve(count);
    all.vectors.reserve(count * all.dimension);
    const std::string table = quoted_identifier(set.table);
    Query rows(database,
               fmt::format("SELECT results.track, {0} FROM results JOIN {1} ON {1}.track = results.track WHERE {2} "
                           "ORDER BY results.track",
                           quoted_identifier(embeddings.field), table, kHasValues),
               set.id, set.set.version, set.configuration_hash);
    while (rows.step()) append(all, rows.integer(0), rows.column(1));
    return all;
  });
}

}  // namespace vivace::library
