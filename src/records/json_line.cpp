#include "records/json_line.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <span>
#include <string_view>

#include "records/schema.hpp"

namespace vivace::records {
namespace {

// Longest shortest texts: "-1.17549435e-38" and "-2.2250738585072014e-308", with room to spare.
constexpr std::size_t kNumberBytes = 32;

/// Writes a number at `out`, where kNumberBytes must be free; returns its end.
template <typename Number>
char* write_number(char* out, Number number) {
  if constexpr (std::is_floating_point_v<Number>) {
    const bool negative_zero = number == 0 && std::signbit(number);
    const std::string_view special = !std::isfinite(number) ? "null" : negative_zero ? "-0.0" : "";
    if (!special.empty()) return out + special.copy(out, special.size());
  }
  return std::to_chars(out, out + kNumberBytes, number).ptr;
}

template <typename Number>
void append_number(std::string& text, Number number) {
  char buffer[kNumberBytes];
  text.append(buffer, write_number(buffer, number));
}

constexpr std::string_view kHex = "0123456789abcdef";

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void append_escaped(std::string& text, char c) {
  switch (c) {
    case '"': text += "\\\""; return;
    case '\\': text += "\\\\"; return;
    case '\n': text += "\\n"; return;
    case '\r': text += "\\r"; return;
    case '\t': text += "\\t"; return;
    default:
      text += "\\u00";
      text += kHex[static_cast<unsigned char>(c) >> 4];
      text += kHex[static_cast<unsigned char>(c) & 15];
  }
}

void append_string(std::string& text, std::string_view value) {
  text += '"';
  for (const char c : value) {
    if (needs_escape(c)) {
      append_escaped(text, c);
    } else {
      text += c;
    }
  }
  text += '"';
}

void append_array(std::string& text, std::span<const float> numbers) {
  const std::size_t start = text.size();
  text.resize(start + 2 + numbers.size() * (kNumberBytes + 1));
  char* out = text.data() + start;
  *out++ = '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) *out++ = ',';
    out = write_number(out, numbers[i]);
  }
  *out++ = ']';
  text.resize(static_cast<std::size_t>(out - text.data()));
}

/// Appends a value of each kind.
struct JsonWriter {
  std::string& text;

  void operator()(std::monostate) const { text += "null"; }
  void operator()(bool value) const { text += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { append_number(text, value); }
  void operator()(double value) const { append_number(text, value); }
  void operator()(const std::string& value) const { append_string(text, value); }
  void operator()(const std::vector<float>& value) const { append_array(text, value); }

  void operator()(const Matrix& matrix) const {
    text += '[';
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      if (row > 0) text += ',';
      append_array(text, std::span(matrix.values).subspan(row * matrix.columns, matrix.columns));
    }
    text += ']';
  }

  void operator()(const NamedNumbers& numbers) const {
    text += '{';
    for (const auto& [name, number] : numbers) {
      if (text.back() != '{') text += ',';
      append_string(text, name);
      text += ':';
      append_number(text, number);
    }
    text += '}';
  }

  void operator()(const Failure& failure) const {
    text += "{\"code\":";
    append_string(text, failure.code);
    text += ",\"message\":";
    append_string(text, failure.message);
    text += '}';
  }
};

}  // namespace

void append_json(std::string& text, const Value& value) { std::visit(JsonWriter{text}, value); }

void append_json_line(std::string& text, const Schema& schema, const Record& record) {
  text += '{';
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (i > 0) text += ',';
    append_string(text, schema[i].name);
    text += ':';
    append_json(text, record[i]);
  }
  text += '}';
}

std::string to_json_line(const Schema& schema, const Record& record) {
  check_record(schema, record);
  std::string line;
  append_json_line(line, schema, record);
  return line;
}

}  // namespace vivace::records
