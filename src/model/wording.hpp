#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vivace::model {

/// "; did you mean 'front_end'?" for the one of `names` that `word` was probably meant to be, "" where none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names);

/// A foreign text as it may stand in a message: in quotes, cut at 80 bytes, control characters replaced.
std::string in_quotes(std::string_view text);

}  // namespace vivace::model
