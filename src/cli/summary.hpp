#pragma once

#include <string>

#include "tasks/embed/embed_job.hpp"

namespace vivace::cli {

/// What a job came to, in one line: tracks, failures, audio, rates. `existing` tracks were in the output already.
std::string summary_line(const embed::JobSummary& summary, std::size_t existing);

/// Where the time of all workers went: seconds and shares a stage.
std::string profile_table(const embed::JobSummary& summary);

}  // namespace vivace::cli
