#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <string>

#include "records/sink.hpp"
#include "support/temporary_folder.hpp"
#include "vivace/error.hpp"

namespace vivace::records::testing {

using test_support::TemporaryFolder;

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// The error that `action` throws; fails the test where it throws none.
template <typename Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(ErrorCode::internal, "no error");
}

template <typename Action>
ErrorCode code_of(Action&& action) {
  return error_of(action).code();
}

/// Text that every format must get right.
inline const std::string kHardText = "a \"b\", c;\r\n\t\\ é 日本 \xF0\x9F\x8E\xB5 \x01\x1F\x7F '";

/// The smallest denormal, the largest number, a negative zero, and one that is not exact in binary.
inline const std::vector<float> kHardFloats = {1e-45F, -std::numeric_limits<float>::max(), -0.0F, 0.1F};

/// A field of each type.
inline Schema full_schema() {
  return {{"path", FieldType::text, 0, "", "where the item is"},
          {"status", FieldType::text},
          {"silent", FieldType::boolean},
          {"samples", FieldType::integer},
          {"rate", FieldType::number, 0, "Hz", "sampling rate"},
          {"embedding", FieldType::vector, 4},
          {"embeddings", FieldType::matrix, 2},
          {"tags", FieldType::named_numbers},
          {"error", FieldType::failure}};
}

inline Record full_record(const std::string& path = kHardText) {
  return {path,
          std::string("done"),
          true,
          std::int64_t{-9007199254740993},
          44100.5,
          kHardFloats,
          Matrix{2, 2, {1, 2, 3, 4.5F}},
          NamedNumbers{{"drum \"n\" bass", 0.25F}, {"jazz", 0.1F}},
          std::monostate{}};
}

inline Record failed_record(const std::string& path) {
  Record record(full_schema().size());
  record[0] = path;
  record[1] = std::string("failed");
  record[8] = Failure{"corrupt_data", "not \"audio\"\nat all"};
  return record;
}

/// Writes a whole output.
inline void write_all(const std::string& format, SinkOptions options, const std::vector<Record>& records) {
  const auto sink = open_sink(format, std::move(options));
  for (const Record& record : records) sink->write(record);
  sink->finish();
}

}  // namespace vivace::records::testing
