#include "bench/placement_settings.hpp"

namespace vivace::bench {

std::map<std::string, std::string> placement_settings(const PlacementOptions& wanted, const std::string& placement) {
  const std::size_t space = placement.find(' ');
  const std::string place = placement.substr(0, space);
  const std::size_t slash = place.find('/');
  const std::string lowered = space == std::string::npos ? "graph" : placement.substr(space + 1);
  return {{"placement", place},
          {"backend", place.substr(0, slash)},
          {"provider", place.substr(slash + 1)},
          {"precision", wanted.precision == "auto" ? lowered : wanted.precision}};
}

}  // namespace vivace::bench
