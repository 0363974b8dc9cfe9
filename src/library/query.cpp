#include "library/query.hpp"

#include "base/files.hpp"

namespace vivace::library {

void Query::bind(const StoredPath& path) {
  if (base::to_valid_utf8(path.bytes) == path.bytes) return bind(path.bytes);
  statement_.bind(next_++, path.bytes.data(), static_cast<int>(path.bytes.size()));
}

}  // namespace vivace::library
