#include "cli/track_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/clock_time.hpp"
#include "base/files.hpp"
#include "cli/console.hpp"

namespace vivace::cli {
namespace {

std::size_t index_of(const records::Schema& schema, const std::string& name) {
  const auto found = std::find_if(schema.begin(), schema.end(), [&](const auto& field) { return field.name == name; });
  return static_cast<std::size_t>(found - schema.begin());
}

std::string tag_list(const records::NamedNumbers& tags) {
  std::string list;
  for (const auto& [name, value] : tags) list += fmt::format("{}{} {:.2f}", list.empty() ? "" : ", ", name, value);
  return list;
}

}  // namespace

TrackPrinter::TrackPrinter(const records::Schema& schema)
    : path_(index_of(schema, "path")),
      error_(index_of(schema, "error")),
      duration_(index_of(schema, "duration_s")),
      note_(index_of(schema, "note")),
      tags_(index_of(schema, "tags")) {}

void TrackPrinter::write(const records::Record& record) {
  std::string line = std::get<std::string>(record[path_]);
  if (const auto* failure = std::get_if<records::Failure>(&record[error_])) {
    line += fmt::format("\n    failed: {}", failure->message);
  } else {
    line += "  " + base::clock_time(std::get<double>(record[duration_]));
    if (const auto* note = std::get_if<std::string>(&record[note_])) line += "\n    " + *note;
    if (const auto* tags = std::get_if<records::NamedNumbers>(&record[tags_])) line += "\n    " + tag_list(*tags);
  }
  base::write_standard_output(line + '\n');
}

}  // namespace vivace::cli
