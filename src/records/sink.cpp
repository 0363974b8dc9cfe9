#include "records/sink.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "records/checked_sink.hpp"
#include "records/csv_sink.hpp"
#include "records/jsonl_sink.hpp"
#include "records/npy_sink.hpp"
#include "records/parquet_module.hpp"
#include "records/schema.hpp"
#include "records/sqlite_sink.hpp"
#include "vivace/error.hpp"

namespace vivace::records {
namespace {

using Path = std::filesystem::path;
using Names = std::vector<std::string>;
using OpenSink = std::unique_ptr<Sink> (*)(SinkOptions options);
using ReadExisting = std::vector<ExistingRecord> (*)(const Path& path, const Names& key_fields,
                                                     const std::string& table);

struct Format {
  std::string_view name;
  std::vector<std::string_view> extensions;
  bool to_standard_output;
  OpenSink open;
  ReadExisting read;
};

bool file_exists(const Path& path) {
  std::error_code status;
  return std::filesystem::is_regular_file(path, status);
}

std::vector<ExistingRecord> cannot_read(const Path& path, const Names&, const std::string&) {
  if (!file_exists(path)) return {};
  throw Error(ErrorCode::unsupported, path.string(),
              "an output of this format cannot be continued; write csv, jsonl or db, or to another file");
}

// One line a format.
const std::array kFormats = {
    Format{"csv", {".csv"}, true, open_csv_sink, read_csv},
    Format{"jsonl", {".jsonl", ".ndjson"}, true, open_jsonl_sink, read_jsonl},
    Format{"npy", {".npy"}, false, open_npy_sink, cannot_read},
    Format{"parquet", {".parquet"}, false, open_parquet_sink, cannot_read},
    Format{"db", {".db", ".sqlite", ".sqlite3"}, false, open_sqlite_sink, read_sqlite},
};

const Format& find_format(const std::string& name) {
  const auto found = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& f) { return f.name == name; });
  if (found != kFormats.end()) return *found;
  std::vector<std::string_view> known;
  known.reserve(kFormats.size());
  for (const Format& format : kFormats) known.push_back(format.name);
  throw Error(ErrorCode::invalid_argument, fmt::format("format '{}'", name),
              fmt::format("is not known; known are {}", fmt::join(known, ", ")));
}

void check_options(const Format& format, const SinkOptions& options) {
  check_schema(options.schema, options.key_fields);
  if (options.path == "-" && !format.to_standard_output) {
    throw Error(ErrorCode::invalid_argument, fmt::format("format '{}'", format.name),
                "cannot go to standard output; write csv or jsonl, or to a file");
  }
  if (options.keep && options.key_fields.empty()) {
    throw Error(ErrorCode::invalid_argument, options.path.string(),
                "cannot be continued: its records have no key fields");
  }
  if (options.keep && format.read == cannot_read) cannot_read(options.path, {}, {});
}

}  // namespace

std::vector<ExistingRecord> read_existing(const std::string& format, const Path& path, const Names& key_fields,
                                          const std::string& table) {
  const Format& found = find_format(format);
  if (path == "-") return {};
  return found.read(path, key_fields, table);
}

std::unique_ptr<Sink> open_sink(const std::string& format, SinkOptions options) {
  const Format& found = find_format(format);
  check_options(found, options);
  const Schema schema = options.schema;
  const Names key_fields = options.key_fields;
  return std::make_unique<CheckedSink>(found.open(std::move(options)), schema, key_fields);
}

std::string format_of(const Path& path) {
  const std::string extension = base::lower_case(path.extension().string());
  for (const Format& format : kFormats) {
    const auto& known = format.extensions;
    if (std::find(known.begin(), known.end(), extension) != known.end()) return std::string(format.name);
  }
  return {};
}

}  // namespace vivace::records
