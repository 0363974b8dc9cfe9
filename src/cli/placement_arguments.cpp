#include "cli/placement_arguments.hpp"

namespace vivace::cli {

void add_placement_options(CLI::App& command, PlacementOptions& placement) {
  command.add_option("--backend", placement.backend, "what runs the model")->capture_default_str();
  command.add_option("--provider", placement.provider, "auto, cpu, cuda, …: see vivace doctor")->capture_default_str();
}

}  // namespace vivace::cli
