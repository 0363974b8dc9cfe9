#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "records/record.hpp"

namespace vivace::records {

/// The name of a type, e.g. "named_numbers".
std::string_view field_type_name(FieldType type);

/// The columns of a flat format: one a field, `<field>.code` and `<field>.message` for a failure.
std::vector<std::string> column_names(const Schema& schema);

/// The index of a field, nothing where there is none of that name.
std::optional<std::size_t> find_field(const Schema& schema, std::string_view name);

/// Throws Error(invalid_argument) for column names that are empty or occur twice, and for key fields that are no text
/// fields.
void check_schema(const Schema& schema, const std::vector<std::string>& key_fields);

/// Throws Error(invalid_argument) where the record has not the schema's number of values, their types or sizes.
void check_record(const Schema& schema, const Record& record);

/// The bytes of a record's vectors and matrices: the part of it that can be large.
std::size_t vector_bytes(const Record& record);

}  // namespace vivace::records
