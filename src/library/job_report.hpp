#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "library/analyze_job.hpp"

namespace vivace::library {

/// {"event": <event>, "open", "done", "failed", "elsewhere", "vanished", "audio_s", "wall_s", "tracks_per_s",
/// "x_real_time", "left_s" (null where it cannot be told)}.
nlohmann::json progress_json(const std::string& event, const JobSummary& summary);

/// The same with "stage_s", "workers", "utilisation" (share of the workers' time that they worked), "truncated" and
/// "interrupted".
nlohmann::json summary_json(const JobSummary& summary);

/// "120/4000  3.1 tracks/s  740 x real time  0:21:05 left  2 failed".
std::string progress_text(const JobSummary& summary);

/// What the job came to, in one line.
std::string summary_text(const JobSummary& summary);

/// Where the time of all workers went: a line a stage, with seconds and share; and how busy they were.
std::string stage_table(const JobSummary& summary);

}  // namespace vivace::library
