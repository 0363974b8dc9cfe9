#pragma once

#include <cstddef>
#include <string>

namespace vivace::cli {

/// Standard error is for people: messages, log, progress. All of these may be called from any thread.

/// Prints "vivace: <message>" on standard error, as one line whatever is in the message.
void print_error(std::string message);
/// Prints a line on standard error, above a progress line where there is one.
void print_note(const std::string& message);
/// Replaces the progress line, the last on standard error; only where that is a terminal.
void show_progress(const std::string& line);
/// Removes the progress line.
void clear_progress();
bool error_is_terminal();
/// Width of the terminal behind standard error, 80 where it is not known.
std::size_t terminal_columns();

/// Prints the library's warnings; with `verbose` also what is only of interest when something is looked for.
void print_library_log(bool verbose);

/// "1:02:03" or "4:05".
std::string clock_time(double seconds);

}  // namespace vivace::cli
