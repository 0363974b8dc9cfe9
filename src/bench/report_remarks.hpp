#pragma once

#include <string>
#include <vector>

#include "bench/report_charts.hpp"

namespace vivace::bench {

/// Sections of HTML: which runs could not run, which are not to be trusted, and what else is to be known of them. Each
/// reason is told once, with the names of its runs. Empty where there is nothing to tell.
std::string remarks_html(const std::vector<ReportRun>& runs);

}  // namespace vivace::bench
