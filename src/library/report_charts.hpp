#pragma once

#include <string>

#include "library/report_data.hpp"

namespace vivace::library {

/// Figures of HTML. Empty where there is nothing to draw.
std::string map_html(const ReportData& data);
std::string histogram_html(const Distribution& distribution);
std::string keys_html(const std::vector<KeyCount>& keys);

}  // namespace vivace::library
