#include "records/stored_output.hpp"

#include <fmt/format.h>

#include <set>
#include <system_error>

#include "base/files.hpp"

namespace vivace::records {
namespace {

using Keys = std::set<std::vector<std::string>>;

std::filesystem::path partial_of(std::filesystem::path output) { return output += ".partial"; }
std::filesystem::path set_aside_of(std::filesystem::path output) { return output += ".previous.partial"; }

bool is_file(const std::filesystem::path& path) {
  std::error_code status;
  return std::filesystem::is_regular_file(path, status);
}

using Visit = std::function<void(StoredRecord&)>;

void visit_file(const TextFormat& format, const StoredFile& file, const std::vector<std::string>& key_fields,
                const Schema* schema, const Visit& visit) {
  const auto records = format.open(file, key_fields, schema);
  for (StoredRecord stored; records->next(stored);) visit(stored);
}

}  // namespace

std::vector<StoredFile> stored_files(const std::filesystem::path& output) {
  std::vector<StoredFile> files;
  if (is_file(output)) files.push_back({output, true});
  const std::filesystem::path set_aside = set_aside_of(output);
  const std::filesystem::path unfinished = is_file(set_aside) ? set_aside : partial_of(output);
  if (is_file(unfinished)) files.push_back({unfinished, false});
  return files;
}

void set_aside_partial(const std::filesystem::path& output) {
  const std::filesystem::path partial = partial_of(output);
  const std::filesystem::path set_aside = set_aside_of(output);
  base::require_not_being_written(partial);
  if (is_file(set_aside) || !is_file(partial)) return;
  std::error_code status;
  std::filesystem::rename(partial, set_aside, status);
  if (!status) return;
  throw Error(ErrorCode::unavailable, partial.string(), fmt::format("cannot be renamed: {}", status.message()));
}

void remove_set_aside(const std::filesystem::path& output) {
  const std::filesystem::path set_aside = set_aside_of(output);
  std::error_code status;
  std::filesystem::remove(set_aside, status);
  if (!status) return;
  throw Error(ErrorCode::unavailable, set_aside.string(), fmt::format("cannot be removed: {}", status.message()));
}

void visit_stored(const TextFormat& format, const std::vector<StoredFile>& files,
                  const std::vector<std::string>& key_fields, const Schema* schema,
                  const std::function<void(const StoredRecord&)>& visit) {
  if (files.empty()) return;
  Keys newer;
  if (files.size() > 1) {
    visit_file(format, files.back(), key_fields, schema,
               [&](StoredRecord& stored) { newer.insert(std::move(stored.record.key)); });
    visit_file(format, files.front(), key_fields, schema, [&](const StoredRecord& stored) {
      if (!newer.contains(stored.record.key)) visit(stored);
    });
  }
  visit_file(format, files.back(), key_fields, schema, visit);
}

std::vector<ExistingRecord> read_stored(const TextFormat& format, const std::filesystem::path& output,
                                        const std::vector<std::string>& key_fields) {
  std::vector<ExistingRecord> records;
  visit_stored(format, stored_files(output), key_fields, nullptr,
               [&](const StoredRecord& stored) { records.push_back(stored.record); });
  return records;
}

}  // namespace vivace::records
