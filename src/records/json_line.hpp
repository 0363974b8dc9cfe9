#pragma once

#include <string>

#include "records/record.hpp"

namespace vivace::records {

/// Appends a value as JSON, whatever the locale: numbers as the shortest text that reads back as the same float or
/// double, numbers that are not finite and `std::monostate` as null.
void append_json(std::string& text, const Value& value);

/// Appends a record that fits the schema as a JSON object on one line, without a line end; keys in the schema's order.
void append_json_line(std::string& text, const Schema& schema, const Record& record);

/// The same as a string of its own. Throws Error(invalid_argument) for a record that does not fit the schema.
std::string to_json_line(const Schema& schema, const Record& record);

}  // namespace vivace::records
