#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "library/database.hpp"

namespace vivace::library {

/// A file whose path the library does not know.
struct NewFile {
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::optional<std::string> hash{};  ///< of its content, where it was read
};

/// A track whose path leads nowhere.
struct GoneTrack {
  std::int64_t id = 0;
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::optional<std::string> hash{};
};

/// The gone tracks as which new files may be known again. Not thread-safe.
class GoneTracks {
 public:
  void add(GoneTrack track);
  bool empty() const { return tracks_.empty(); }

  /// The track that a file was before it was moved, which is given once. Where both contents are known, they decide.
  /// Else size and time must be the same, and so must the name unless there is no choice; `is_alone` says whether no
  /// other file that was found has that size and time.
  std::optional<GoneTrack> take(const NewFile& file, bool is_alone);

 private:
  using State = std::pair<std::int64_t, std::int64_t>;  // size and time

  std::optional<std::size_t> find(const NewFile& file, bool is_alone) const;
  void forget(std::size_t index);

  std::vector<GoneTrack> tracks_;
  std::unordered_multimap<std::string, std::size_t> by_content_;
  std::map<State, std::unordered_multimap<std::string, std::size_t>> by_state_;  // by name
};

}  // namespace vivace::library
