#include "bench/placement_settings.hpp"

#include "runtime/placement.hpp"

namespace vivace::bench {
namespace {

std::string precision_of(const PlacementOptions& wanted, const std::filesystem::path& graph,
                         const std::string& placement) {
  if (wanted.precision != "auto") return wanted.precision;
  const auto tuned = runtime::tuned_setting(graph, wanted, TuneGoal::throughput);
  return tuned && placement == tuned->backend + "/" + tuned->provider ? tuned->precision : "graph";
}

}  // namespace

std::map<std::string, std::string> placement_settings(const PlacementOptions& wanted,
                                                      const std::filesystem::path& graph,
                                                      const std::string& placement) {
  const std::size_t slash = placement.find('/');
  return {{"placement", placement},
          {"backend", placement.substr(0, slash)},
          {"provider", placement.substr(slash + 1)},
          {"precision", precision_of(wanted, graph, placement)}};
}

}  // namespace vivace::bench
