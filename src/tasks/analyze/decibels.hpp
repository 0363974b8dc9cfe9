#pragma once

#include <cmath>

namespace vivace::analyze {

/// 20 lg of an amplitude above 0.
inline double decibels(double amplitude) { return 20 * std::log10(amplitude); }

}  // namespace vivace::analyze
