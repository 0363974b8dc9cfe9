#pragma once

#include <string>

namespace vivace::cli {

/// Standard error is for people: messages, log, progress. All of these may be called from any thread.

/// Prints "vivace: <message>" on standard error, as one line whatever is in the message.
void print_error(std::string message);
/// Prints a line on standard error, above a progress line where there is one.
void print_note(const std::string& message);
/// Replaces the progress line, the last on standard error; only where that is a terminal.
void show_progress(const std::string& line);
/// The same, with a bar before the text that shows a share of 0 to 1 where there is room for it.
void show_progress(double share, const std::string& text);
/// Removes the progress line.
void clear_progress();
bool error_is_terminal();

/// Prints the library's warnings; with `verbose` also what is only of interest when something is looked for.
void print_library_log(bool verbose);

}  // namespace vivace::cli
