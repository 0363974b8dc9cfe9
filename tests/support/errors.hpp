#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "vivace/error.hpp"

namespace vivace {

/// Lets a failing test print the code by its name.
inline void PrintTo(ErrorCode code, std::ostream* out) { *out << error_code_name(code); }

}  // namespace vivace

namespace vivace::test {

/// The Error that `action` throws; the test fails where it throws none.
template <typename Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return {ErrorCode::internal, "no error was thrown"};
}

/// Runs `action`, which must throw Error with this code; returns its text, context included.
template <typename Action>
std::string expect_error(ErrorCode code, Action&& action) {
  const Error error = error_of(action);
  EXPECT_EQ(error.code(), code) << error.what();
  return error.what();
}

/// Fails the test, showing the text, where it lacks `part`.
inline void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

}  // namespace vivace::test
