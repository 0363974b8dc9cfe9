#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "library/clock.hpp"
#include "sample_library.hpp"

namespace vivace::library {

/// What a model called "sound" gives.
inline FeatureSet sound_model(std::size_t dimension, int version = 1) {
  using records::FieldType;
  return {"sound",
          "model",
          "a model",
          version,
          "{}",
          {{"sound.embedding", FieldType::vector, dimension, "", "", "the mean over patches"},
           {"sound.tags", FieldType::named_numbers, 0, "", "0 … 1", "the mean activations"}}};
}

/// A feature set with what tracks can be filtered by.
inline FeatureSet rhythm_and_key() {
  using records::FieldType;
  return {"rhythm",
          "feature",
          "a feature",
          1,
          "{}",
          {{"tempo.bpm", FieldType::number, 0, "BPM", "", "tempo"},
           {"key.key", FieldType::text, 0, "", "", "key"},
           {"key.scale", FieldType::text, 0, "", "", "scale"},
           {"loudness.integrated_lufs", FieldType::number, 0, "LUFS", "", "loudness"}}};
}

/// Writes results of a set as a job does.
inline void put_results(Database& database, const StoredFeatureSet& set, std::int64_t track,
                        const std::vector<analyze::FieldValue>& values) {
  database.run([&] {
    execute(database, "INSERT OR REPLACE INTO results VALUES (?, ?, 'done', ?, ?, 1, ?, NULL, NULL)", track, set.id,
            set.set.version, set.configuration_hash, unix_seconds());
    put_values(database, set, track, values);
  });
}

inline std::int64_t put_track(Database& database, const std::string& path) {
  execute(database, "INSERT INTO tracks (path, size, mtime_ns) VALUES (?, 1, 1)", StoredPath{path});
  return database.connection().getLastInsertRowid();
}

template <typename T>
analyze::FieldValue field(T value) {
  return {records::Value(std::move(value)), {}};
}

inline std::vector<analyze::FieldValue> sound(std::vector<float> embedding, records::NamedNumbers tags = {}) {
  return {field(std::move(embedding)), field(std::move(tags))};
}

/// Numbers around zero.
inline std::vector<float> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> numbers(count);
  for (float& number : numbers) number = normal(random);
  return numbers;
}

}  // namespace vivace::library
