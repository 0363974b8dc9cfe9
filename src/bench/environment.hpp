#pragma once

#include <filesystem>

#include "bench/result.hpp"

namespace vivace::bench {

/// Reads what machine, process and build are, now. What cannot be read stays empty. `root` is the folder that holds
/// proc/ and sys/.
Environment read_environment(const std::filesystem::path& root = "/");

}  // namespace vivace::bench
