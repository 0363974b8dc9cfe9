#include "media/tags.hpp"

#include <algorithm>

#include "base/files.hpp"

extern "C" {
#include <libavutil/dict.h>
}

namespace vivace::media {
namespace {

constexpr std::size_t kMostTags = 100;
constexpr std::size_t kLongestTag = 4096;  // bytes

}  // namespace

Tags read_tags(std::initializer_list<const AVDictionary*> dictionaries) {
  Tags tags;
  for (const AVDictionary* dictionary : dictionaries) {
    const AVDictionaryEntry* entry = nullptr;
    while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
      const std::string name = base::lower_case(base::to_valid_utf8(entry->key));
      std::string value = base::to_valid_utf8(entry->value);
      const bool is_known = std::ranges::any_of(tags, [&](const auto& tag) { return tag.first == name; });
      if (is_known || name.size() > kLongestTag || value.size() > kLongestTag || tags.size() == kMostTags) continue;
      tags.emplace_back(name, std::move(value));
    }
  }
  return tags;
}

}  // namespace vivace::media
