#pragma once

#include <CLI/CLI.hpp>

namespace vivace::cli {

/// Lets an option with a list be given many times, each time with one value, and its help say so. What stands behind
/// the value is not the option's.
inline CLI::Option* repeatable(CLI::Option* option) {
  option->expected(1)->take_all()->allow_extra_args(false);
  return option->description(option->get_description() + " (may be repeated)");
}

}  // namespace vivace::cli
