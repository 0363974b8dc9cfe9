#pragma once

#include <random>

#include "vivace/tensor.hpp"

namespace vivace::runtime {

/// Random values: floats in -1 … 1, whole numbers and booleans 0 or 1, texts empty. The same generator gives the same
/// values everywhere. Throws as the constructor of Tensor.
Tensor random_tensor(ElementType type, Shape shape, std::mt19937_64& random);

}  // namespace vivace::runtime
