// A program whose engine on the graph argv[1] lives in static memory, and goes after what was made later.

#include <memory>

#include "vivace/engine.hpp"

namespace {
std::unique_ptr<vivace::Engine> engine;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  vivace::EngineOptions options;
  options.model = argv[1];
  engine = std::make_unique<vivace::Engine>(options);
  engine->predict({{"x", vivace::Tensor(vivace::ElementType::float32, {1, 8})}});
}
