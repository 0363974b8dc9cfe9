#pragma once

#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/query.hpp"
#include "records/record.hpp"

namespace vivace::library {

/// Something that a library knows of each track.
struct Column {
  records::Field field;
  std::string expression;  ///< SQL, about `tracks` and `table`
  std::string table;       ///< a quoted name; empty where it is a part of `tracks`
};

/// What is known of files first, then the fields of all feature sets.
std::vector<Column> all_columns(Database& database);

/// Those that names choose, in the order of the names: "tempo.bpm", or "tempo" for all whose names begin with "tempo.".
/// Throws Error(invalid_argument) for a name that chooses nothing.
std::vector<Column> choose_columns(const std::vector<Column>& columns, const std::vector<std::string>& names);

/// Which tracks are meant: "name OP value" with one of = != < <= > >= ~, where ~ is "holds this text" and null matches
/// nothing. All conditions must hold. Where none speaks of `state`, tracks that are missing are left out.
class Conditions {
 public:
  /// Throws Error(invalid_argument) for what is no condition, an unknown name, and a number that is none.
  Conditions(const std::vector<Column>& columns, const std::vector<std::string>& conditions);

  /// "WHERE …", with a parameter a value.
  std::string clause() const;
  /// Binds the values to the parameters of a statement. Throws SQLite::Exception.
  void bind(SQLite::Statement& statement) const;
  /// The columns that the clause names.
  const std::vector<Column>& columns() const { return columns_; }

 private:
  struct Condition {
    std::string sql;
    records::Value value;
  };

  void add(const Column& column, const std::string& operation, const std::string& text);

  std::vector<Column> columns_;
  std::vector<Condition> conditions_;
};

/// A statement that selects the columns of all tracks that the conditions leave, by path.
std::string select_columns(const std::vector<Column>& columns, const Conditions& conditions);

/// The values of a row of such a statement; text in place of named numbers that are none.
records::Record read_columns(SQLite::Statement& row, const std::vector<Column>& columns);

}  // namespace vivace::library
