#pragma once

#include "bench/load.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// The share of late frames that a deadline scenario must stay below.
inline constexpr double kLateShare = 0.001;

/// Of LoadGen's scenarios with one query at a time, and of "server".
inline constexpr std::size_t kLeastQueries = 100;

/// The problem of a run that was interrupted.
inline constexpr const char* kStopped = "stopped before its end";

/// What the problem of a setting that could not run begins with; the reason follows.
inline constexpr const char* kCouldNotRun = "could not run: ";

/// True for loads whose requests have times of their own.
bool is_open(const LoadDescription& load);
/// True for loads whose callers wait for an answer before they send again.
bool is_closed(const LoadDescription& load);

/// The share of requests sent later than max(1 ms, 10 % of the mean interval between requests).
double late_send_share(const Run& run);

/// True where that is above 1 %, so that the run is not the load that it was meant to be.
bool were_sent_late(const Run& run);

/// True where requests were sent late, none failed, and answers were in time counted from when they were sent: what
/// fell behind is the generator, or the machine that it is on.
bool was_generator_too_slow(const Run& run);

/// The share of frames whose answers came later than the bound, or where there is none than the next frame. Frames that
/// failed are late.
double late_frame_share(const Run& run);

/// How much response times of successive frames of one stream differ, in the mean over all, in seconds.
double frame_jitter_s(const Run& run);

/// The p99 of the response times, whatever the number of samples; infinite without any.
double response_p99_s(const Run& run);

/// Adds to a measured run what its load is asked for (`found`), why it is not to be trusted (`problems`) and what else
/// is to be known (`notes`). `measured` is what the run was made of. A trial of a search may be short, so that how long
/// the run is, is not judged.
void judge(Run& run, const Measurement& measured);

/// Adds a problem to a run of one of LoadGen's scenarios with fewer queries or seconds than LoadGen wants. One with
/// `most_requests`, as many as are kept, is long enough.
void judge_length(Run& run, std::size_t most_requests);

}  // namespace vivace::bench
