#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace vivace::analyze {

/// Loudness in LUFS of a K-weighted energy (ITU-R BS.1770-4): -0.691 + 10 lg(energy).
double loudness_of(double energy);

/// Means over `length` values, one for each position that lies inside.
std::vector<double> sliding_means(std::span<const double> values, std::size_t length);

/// Integrated loudness (BS.1770-4) in LUFS of energies of 400 ms blocks, one every 100 ms: the mean of those of at
/// least -70 LUFS that are also not more than 10 LU below the mean of these. Nothing where none is left.
std::optional<double> integrated_loudness(std::span<const double> blocks);

/// Loudness range (EBU Tech 3342) in LU of energies of 3 s blocks: the distance of the 10th and the 95th percentile of
/// those of at least -70 LUFS that are not more than 20 LU below the mean of these; percentile p of n values is the one
/// with index round(p (n - 1)). Nothing where none is left.
std::optional<double> loudness_range(std::span<const double> blocks);

}  // namespace vivace::analyze
