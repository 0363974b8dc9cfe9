#include "library/export.hpp"

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
    sink_options.schema = schema_of(columns);
    sink_options.key_fields = {"path"};
    const auto sink = records::open_sink(format, std::move(sink_options));
    Query rows(database, select_columns(columns, conditions));
    conditions.bind(rows.statement());
    std::size_t count = 0;
    for (; rows.step(); ++count) sink->write(read_columns(rows.statement(), columns));
    sink->finish();
    return count;
  });
}

}  // namespace vivace::library
