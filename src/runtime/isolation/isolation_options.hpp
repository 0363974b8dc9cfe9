#pragma once

#include <cstddef>
#include <vector>

#include "vivace/isolation.hpp"

namespace vivace::runtime {

/// The options with the number of processes settled. Throws Error(invalid_argument) for what is out of range.
IsolationOptions checked(IsolationOptions options);

/// The cores of one worker; empty where it may use those of the caller.
std::vector<int> cores_of(const IsolationOptions& options, std::size_t worker);

}  // namespace vivace::runtime
