#pragma once

#include <filesystem>

namespace vivace::base {

/// Where what can be made again is kept: `$XDG_CACHE_HOME/vivace`, without that variable `~/.cache/vivace`. Empty where
/// there is no home.
std::filesystem::path cache_folder();

}  // namespace vivace::base
