#pragma once

#include "bench/load.hpp"
#include "bench/result.hpp"

namespace vivace::bench {

/// The share of late frames that a deadline scenario must stay below.
inline constexpr double kLateShare = 0.001;

/// True for loads whose requests have times of their own.
bool is_open(const LoadDescription& load);

/// The share of requests sent later than max(1 ms, 10 % of the mean interval between requests).
double late_send_share(const Run& run);

/// True where that is above 1 %, so that the run is not the load that it was meant to be.
bool were_sent_late(const Run& run);

/// The share of frames whose answers came later than the bound, or where there is none than the next frame. Frames that
/// failed are late.
double late_frame_share(const Run& run);

/// How much response times of successive frames of one stream differ, in the mean over all, in seconds.
double frame_jitter_s(const Run& run);

/// The p99 of the response times, whatever the number of samples; infinite without any.
double response_p99_s(const Run& run);

/// Adds to a measured run what its load is asked for (`found`), why it is not to be trusted (`problems`) and what else
/// is to be known (`notes`). `measured` is what the run was made of.
void judge(Run& run, const Measurement& measured);

}  // namespace vivace::bench
