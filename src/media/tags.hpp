#pragma once

#include <string>
#include <utility>
#include <vector>

#include "media/ffmpeg_handles.hpp"

namespace vivace::media {

/// What a file says of itself, e.g. {"title", "…"}; names in lower case and once each, valid UTF-8.
using Tags = std::vector<std::pair<std::string, std::string>>;

/// The tags of dictionaries of FFmpeg; of a name that several have, the first one's. What is longer than a page of text
/// is left out.
Tags read_tags(std::initializer_list<const AVDictionary*> dictionaries);

}  // namespace vivace::media
