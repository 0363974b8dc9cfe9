#include "model/manifest_lines.hpp"

#include <fmt/format.h>

namespace vivace::model {
namespace {

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += fmt::format("\\{}", c);
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\u{:04X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

/// Shortest digits that read back as the same double.
std::string real(double value) {
  std::string digits = fmt::format("{}", value);
  return digits.find_first_of(".e") == std::string::npos ? digits + ".0" : digits;
}

std::string line(std::string_view key, const std::string& value) { return fmt::format("{} = {}\n", key, value); }

}  // namespace

std::string text_line(std::string_view key, std::string_view value) { return line(key, quote(value)); }

std::string texts_line(std::string_view key, const std::vector<std::string>& values) {
  std::string text = "[\n";
  for (const std::string& value : values) text += "  " + quote(value) + ",\n";
  return line(key, text + "]");
}

std::string real_line(std::string_view key, double value) { return line(key, real(value)); }

std::string reals_line(std::string_view key, const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + real(value);
  return line(key, "[" + text + "]");
}

std::string count_line(std::string_view key, std::uint64_t value) { return line(key, fmt::format("{}", value)); }

std::string flag_line(std::string_view key, bool value) { return line(key, value ? "true" : "false"); }

}  // namespace vivace::model
