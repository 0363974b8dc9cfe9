#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

namespace vivace::base {

/// Looks for byte strings of 1 to 64 bytes in a file, which is read in pieces. `found` is given what follows each
/// occurrence, up to `following` (at most 64 KiB) bytes, and returns whether to go on. Throws Error: not_found,
/// unavailable (cannot be read).
void search_file(const std::filesystem::path& path, std::span<const std::string_view> wanted, std::size_t following,
                 const std::function<bool(std::string_view)>& found);

}  // namespace vivace::base
