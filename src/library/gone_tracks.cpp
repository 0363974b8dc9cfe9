#include "library/gone_tracks.hpp"

#include <algorithm>
#include <filesystem>

namespace vivace::library {
namespace {

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

void erase(std::unordered_multimap<std::string, std::size_t>& map, const std::string& key, std::size_t index) {
  const auto [begin, end] = map.equal_range(key);
  const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second == index; });
  if (found != end) map.erase(found);
}

}  // namespace

void GoneTracks::add(GoneTrack track) {
  const std::size_t index = tracks_.size();
  if (track.hash) by_content_.emplace(*track.hash, index);
  by_state_[{track.size, track.mtime_ns}].emplace(file_name(track.path), index);
  tracks_.push_back(std::move(track));
}

std::optional<GoneTrack> GoneTracks::take(const NewFile& file, bool is_alone) {
  const std::optional<std::size_t> found = find(file, is_alone);
  if (!found) return std::nullopt;
  forget(*found);
  return tracks_[*found];
}

std::optional<std::size_t> GoneTracks::find(const NewFile& file, bool is_alone) const {
  if (file.hash) {
    const auto same = by_content_.find(*file.hash);
    if (same != by_content_.end()) return same->second;
  }
  const auto alike = by_state_.find({file.size, file.mtime_ns});
  if (alike == by_state_.end()) return std::nullopt;
  const auto may_be = [&](const auto& entry) { return !file.hash || !tracks_[entry.second].hash; };
  const auto [begin, end] = alike->second.equal_range(file_name(file.path));
  const auto named = std::find_if(begin, end, may_be);
  if (named != end) return named->second;
  if (!is_alone || std::ranges::count_if(alike->second, may_be) != 1) return std::nullopt;
  return std::ranges::find_if(alike->second, may_be)->second;
}

void GoneTracks::forget(std::size_t index) {
  const GoneTrack& track = tracks_[index];
  if (track.hash) erase(by_content_, *track.hash, index);
  erase(by_state_[{track.size, track.mtime_ns}], file_name(track.path), index);
}

}  // namespace vivace::library
