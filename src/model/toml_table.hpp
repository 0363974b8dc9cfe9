#pragma once

#include <toml++/toml.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::model {

/// Reads one table of a TOML text key by key, checks what it reads, and at the end refuses keys that nobody asked for.
/// Every reader throws Error(model_mismatch) with the text's origin, the line, the key, and what is allowed.
/// Views the table: it must outlive the reader.
class TableReader {
 public:
  /// `path` is where the table stands, e.g. "front_end"; "" for the whole text.
  TableReader(const toml::table& table, std::string origin, std::string path);

  /// A required text that is not empty.
  std::string text(std::string_view key);
  /// A text that may be empty or left out.
  std::string text_or(std::string_view key, std::string_view fallback);
  std::string choice(std::string_view key, const std::vector<std::string>& allowed);
  std::string choice_or(std::string_view key, const std::vector<std::string>& allowed, std::string_view fallback);
  std::uint64_t whole(std::string_view key, std::uint64_t lowest, std::uint64_t highest);
  std::uint64_t whole_or(std::string_view key, std::uint64_t lowest, std::uint64_t highest, std::uint64_t fallback);
  /// A finite number, written with or without a decimal point.
  double number(std::string_view key, double lowest, double highest);
  double number_or(std::string_view key, double lowest, double highest, double fallback);
  /// A required array of finite numbers.
  std::vector<double> numbers(std::string_view key, double lowest, double highest);
  bool flag(std::string_view key);
  /// A required array of texts, at least one, none empty, no two equal.
  std::vector<std::string> distinct_texts(std::string_view key);
  std::optional<TableReader> table(std::string_view key);
  /// An array of tables; empty where the key is left out.
  std::vector<TableReader> tables(std::string_view key);

  /// Refuses a key that none of the calls above asked for.
  void finish() const;
  /// Refuses the value of `key`.
  [[noreturn]] void fail(std::string_view key, const std::string& message) const;

 private:
  const toml::node* find(std::string_view key);
  const toml::node& need(std::string_view key);
  std::string text_value(std::string_view key, const toml::node& node) const;
  std::uint64_t whole_value(std::string_view key, const toml::node& node, std::uint64_t lowest,
                            std::uint64_t highest) const;
  double number_value(std::string_view key, const toml::node& node, double lowest, double highest) const;
  std::string full_name(std::string_view key) const;

  const toml::table* table_;
  std::string origin_;
  std::string path_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace vivace::model
