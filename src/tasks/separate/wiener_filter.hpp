#pragma once

#include <complex>
#include <cstddef>
#include <span>

#include "tasks/separate/network.hpp"

namespace vivace::separate {

/// Refines estimates of stems in one bin of a stereo spectrum by expectation maximisation: each stem is a Gaussian with
/// a power a frame and one spatial covariance for all frames (A. Liutkus, the package norbert; Spleeter's option MWF).
///
/// `mix` [2, frames] and `stems` [stems, 2, frames], which are replaced. What is computed does not depend on `level`,
/// the largest magnitude of the whole spectrum, but for how strongly it is kept from dividing by zero.
void refine_bin(std::span<const std::complex<double>> mix, std::span<std::complex<double>> stems, double level,
                std::size_t iterations);

}  // namespace vivace::separate
