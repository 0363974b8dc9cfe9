#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

/// The formats of curve files, which are also their extensions: "npz", "csv", "jsonl", "parquet".
const std::vector<std::string>& curve_formats();

/// Writes curves (see FeatureOptions::curves) to a file that appears whole or not at all.
///
/// npz: of each curve the array `<name>`, float32, [frames] or [frames, columns], and the numbers `<name>.start_s` and
/// `<name>.step_s`: frame i is at start_s + i * step_s. The others: a table with the columns curve, time_s, column and
/// value, one row a number.
///
/// Throws Error: invalid_argument (no such format), and as records::Sink does.
void write_curves(const std::filesystem::path& path, const std::string& format, std::span<const Curve> curves);

}  // namespace vivace::analyze
