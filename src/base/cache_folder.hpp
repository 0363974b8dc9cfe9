#pragma once

#include <filesystem>

namespace vivace::base {

/// Where what can be made again is kept: `$XDG_CACHE_HOME/vivace`, without that variable, or where it is a relative
/// path, `~/.cache/vivace`. Empty where there is no home.
std::filesystem::path cache_folder();

/// Makes a folder that only this user may enter, where there is none; whether it can be used: it is ours alone.
bool make_private_folder(const std::filesystem::path& folder);

/// Whether a file or folder is of this user and can be written by nobody else; what is in a cache and is not, may be
/// anybody's.
bool is_ours_alone(const std::filesystem::path& path);

}  // namespace vivace::base
