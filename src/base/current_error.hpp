#pragma once

#include "vivace/error.hpp"

namespace vivace::base {

/// What is being handled, as an Error: itself where it is one; resource_exhausted where memory, threads or descriptors
/// ran out; not_found for a missing file; else internal. Only within a catch block.
Error current_error();

/// Calls `action` and gives back what it does. What it throws is thrown on as an Error.
template <typename Action>
decltype(auto) with_errors(Action&& action) {
  try {
    return action();
  } catch (const Error&) {
    throw;
  } catch (...) {
    throw current_error();
  }
}

}  // namespace vivace::base
