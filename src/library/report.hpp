#pragma once

#include <string>

#include "library/report_data.hpp"

namespace vivace::library {

/// One page of HTML with a map of the library, distributions, keys, formats and failures. It stands for itself: no
/// scripts, nothing that is loaded. `title` may be any text.
std::string to_html(const ReportData& data, const std::string& title);

}  // namespace vivace::library
