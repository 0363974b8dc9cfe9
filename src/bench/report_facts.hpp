#pragma once

#include <string>
#include <vector>

#include "bench/report_charts.hpp"

namespace vivace::bench {

/// A list of HTML: how many runs there are, how many of them could not run or are not to be trusted, and the best of
/// the others for each of up to three targets.
std::string facts_html(const std::vector<ReportRun>& runs);

/// What was measured: "model net.onnx", several targets with "and", "5 targets" of many; empty where that is unknown.
std::string targets_text(const std::vector<ReportRun>& runs);

}  // namespace vivace::bench
