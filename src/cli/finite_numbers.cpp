#include "cli/finite_numbers.hpp"

#include <cmath>
#include <string>

namespace vivace::cli {
namespace {

/// Texts that are no numbers are left to the option's conversion.
std::string problem_of(const std::string& text) {
  double value = 0;
  if (!CLI::detail::lexical_cast(text, value) || std::isfinite(value)) return "";
  return "'" + text + "' is not a finite number";
}

/// By the type's name, which is all that an option says of its variable.
bool takes_a_real_number(const CLI::Option& option) {
  return option.get_type_name().starts_with(CLI::detail::type_name<double>());
}

}  // namespace

void refuse_infinite_numbers(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (takes_a_real_number(*option)) option->check(problem_of, "");
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) refuse_infinite_numbers(*command);
}

}  // namespace vivace::cli
