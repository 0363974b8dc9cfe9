#include "library/export.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/log.hpp"
#include "library/columns.hpp"
#include "library/embeddings.hpp"
#include "records/sink.hpp"
#include "vivace/error.hpp"

namespace vivace::library {
namespace {

std::string format_of(const ExportOptions& options) {
  std::string format = options.format.empty() ? records::format_of(options.output) : options.format;
  if (!format.empty()) return format;
  throw Error(ErrorCode::invalid_argument, options.output.string(),
              "the extension names no format; use .csv, .jsonl, .npy, .parquet or .db, or --format");
}

std::vector<std::string> names_of(Database& database, const ExportOptions& options, const std::string& format) {
  std::vector<std::string> names = {"path"};
  names.insert(names.end(), options.fields.begin(), options.fields.end());
  if (options.fields.empty() && format == "npy") names.push_back(find_embeddings(database, "").field);
  return names;
}

records::Schema schema_of(const std::vector<Column>& columns) {
  records::Schema schema;
  for (const Column& column : columns) schema.push_back(column.field);
  return schema;
}

/// Why a value has no place in the column of its field; nothing where it fits.
std::optional<std::string> misfit(const records::Value& value, const records::Field& field) {
  if (field.type == records::FieldType::named_numbers && std::holds_alternative<std::string>(value)) {
    return "has something else than named numbers";
  }
  const auto* vector = std::get_if<std::vector<float>>(&value);
  if (vector == nullptr || field.size == 0 || vector->size() == field.size) return std::nullopt;
  return fmt::format("has {} numbers instead of {}", vector->size(), field.size);
}

/// Leaves out what does not fit, and tells it. The first value of a record is its path.
void drop_misfits(records::Record& record, const records::Schema& schema) {
  for (std::size_t i = 0; i < record.size(); ++i) {
    const std::optional<std::string> why = misfit(record[i], schema[i]);
    if (!why) continue;
    base::log(base::LogLevel::warning,
              fmt::format("{}: '{}' {} and is left out", std::get<std::string>(record.front()), schema[i].name, *why));
    record[i] = {};
  }
}

}  // namespace

std::size_t export_library(Database& database, const ExportOptions& options) {
  return database.run([&] {
    const std::string format = format_of(options);
    const std::vector<Column> all = all_columns(database);
    const bool takes_all = options.fields.empty() && format != "npy";
    const std::vector<Column> columns = takes_all ? all : choose_columns(all, names_of(database, options, format));
    const Conditions conditions(all, options.where);
    records::SinkOptions sink_options;
    sink_options.path = options.output;
    const records::Schema schema = schema_of(columns);
    sink_options.schema = schema;
    sink_options.key_fields = {"path"};
    const auto sink = records::open_sink(format, std::move(sink_options));
    Query rows(database, select_columns(columns, conditions));
    conditions.bind(rows.statement());
    std::size_t count = 0;
    for (; rows.step(); ++count) {
      records::Record record = read_columns(rows.statement(), columns);
      drop_misfits(record, schema);
      sink->write(record);
    }
    sink->finish();
    return count;
  });
}

}  // namespace vivace::library
