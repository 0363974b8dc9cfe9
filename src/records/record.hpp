#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace vivace::records {

/// Named probabilities in order, e.g. tags: written as a JSON object {name: number}.
using NamedNumbers = std::vector<std::pair<std::string, float>>;

/// Numbers [rows, columns], row-major.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<float> values;

  bool operator==(const Matrix&) const = default;
};

/// Why an item failed: JSON {"code": …, "message": …}; flat formats have the columns `<field>.code` and
/// `<field>.message`.
struct Failure {
  std::string code;
  std::string message;

  bool operator==(const Failure&) const = default;
};

/// What a field holds. `std::monostate` is "no value" (null); any field may be null.
/// Text is valid UTF-8 (see base::to_valid_utf8). Numbers are finite or null.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<float>, Matrix,
                           NamedNumbers, Failure>;

enum class FieldType { boolean, integer, number, text, vector, matrix, named_numbers, failure };

struct Field {
  std::string name;
  FieldType type = FieldType::text;
  std::size_t size = 0;          ///< vector: its length, matrix: its columns; 0 where that varies
  std::string unit = {};         ///< "s", "Hz", … or empty
  std::string description = {};  ///< one line; stored where the format has room for it
};

/// The fields of every record of a sink, in order. Field names are unique.
using Schema = std::vector<Field>;

/// One value a schema field, in the schema's order.
using Record = std::vector<Value>;

}  // namespace vivace::records
