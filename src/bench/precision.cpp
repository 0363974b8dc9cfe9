#include "bench/precision.hpp"

#include "runtime/placement.hpp"

namespace vivace::bench {

std::string precision_of(const PlacementOptions& wanted, const std::filesystem::path& graph,
                         const std::string& placement) {
  if (wanted.precision != "auto") return wanted.precision;
  const auto tuned = runtime::tuned_setting(graph, wanted, TuneGoal::throughput);
  return tuned && placement == tuned->backend + "/" + tuned->provider ? tuned->precision : "graph";
}

}  // namespace vivace::bench
