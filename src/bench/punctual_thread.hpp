#pragma once

namespace vivace::bench {

/// Asks the system to wake the calling thread on time: without slack on its timers, and (Linux 6.12 and later) with a
/// short time slice, which lets it go before threads that compute. Needs no privilege; a system that cannot is left as
/// it is.
void make_thread_punctual();

}  // namespace vivace::bench
