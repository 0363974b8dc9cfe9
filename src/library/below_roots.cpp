#include "library/below_roots.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "vivace/error.hpp"

namespace vivace::library {
namespace {

namespace fs = std::filesystem;

void require_different_names(const std::vector<fs::path>& roots) {
  std::set<fs::path> names;
  for (const fs::path& root : roots) {
    if (names.insert(root.filename()).second) continue;
    throw Error(
        ErrorCode::invalid_argument, root.string(),
        "has the name of another folder of this run; what is made of their tracks would mix: name them one by one");
  }
}

bool is_below(const fs::path& root, const fs::path& path) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

}  // namespace

BelowRoots::BelowRoots(std::vector<fs::path> roots) : roots_(std::move(roots)) { require_different_names(roots_); }

fs::path BelowRoots::operator()(const fs::path& track) const {
  const auto root = std::ranges::find_if(roots_, [&](const fs::path& each) { return is_below(each, track); });
  if (root == roots_.end() || *root == track) return track.filename();
  const fs::path below = track.lexically_relative(*root);
  return roots_.size() > 1 ? root->filename() / below : below;
}

}  // namespace vivace::library
