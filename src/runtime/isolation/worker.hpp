#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "runtime/isolation/channel.hpp"

namespace vivace::runtime {

/// Descriptors that a worker process is started with: for messages, and one that tells which run to stop and, by its
/// end, that the caller is gone.
inline constexpr int kControlDescriptor = 3;
inline constexpr int kLifelineDescriptor = 4;

/// Messages of the log are lines that begin with a mark of their level.
inline constexpr std::size_t kLevelMarkLength = 3;
std::string marked_line(base::LogLevel level, const std::string& message);
/// The level that a line is marked with; nothing where it is no message of the log.
std::optional<base::LogLevel> marked_level(std::string_view line);

/// Loads the model that the first message names, and runs it for every message until the other end is gone. Ends the
/// process where the lifeline ends during a run.
void serve_session(const Channel& control, const Channel& lifeline);

}  // namespace vivace::runtime
