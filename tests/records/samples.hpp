#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <set>
#include <string>

#include "records/sink.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::test {

/// Text that every format must get right.
inline const std::string kHardText = "a \"b\", c;\r\n\t\\ é 日本 \xF0\x9F\x8E\xB5 \x01\x1F\x7F '";

/// The smallest denormal, the largest number, a negative zero, and one that is not exact in binary.
inline const std::vector<float> kHardFloats = {1e-45F, -std::numeric_limits<float>::max(), -0.0F, 0.1F};

/// A field of each type.
inline records::Schema full_schema() {
  return {{"path", records::FieldType::text, 0, "", "where the item is"},
          {"status", records::FieldType::text},
          {"silent", records::FieldType::boolean},
          {"samples", records::FieldType::integer},
          {"rate", records::FieldType::number, 0, "Hz", "sampling rate"},
          {"embedding", records::FieldType::vector, 4},
          {"embeddings", records::FieldType::matrix, 2},
          {"tags", records::FieldType::named_numbers},
          {"error", records::FieldType::failure}};
}

inline records::Record full_record(const std::string& path = kHardText) {
  return {path,
          std::string("done"),
          true,
          std::int64_t{-9007199254740993},
          44100.5,
          kHardFloats,
          records::Matrix{2, 2, {1, 2, 3, 4.5F}},
          records::NamedNumbers{{"drum \"n\" bass", 0.25F}, {"jazz", 0.1F}},
          std::monostate{}};
}

inline records::Record failed_record(const std::string& path) {
  records::Record record(full_schema().size());
  record[0] = path;
  record[1] = std::string("failed");
  record[8] = records::Failure{"corrupt_data", "not \"audio\"\nat all"};
  return record;
}

/// Goes on with all records of an earlier run.
inline bool keep_all(const records::ExistingRecord&) { return true; }

/// Writes a whole output.
inline void write_all(const std::string& format, records::SinkOptions options,
                      const std::vector<records::Record>& content) {
  const auto sink = records::open_sink(format, std::move(options));
  for (const records::Record& record : content) sink->write(record);
  sink->finish();
}

}  // namespace vivace::test
