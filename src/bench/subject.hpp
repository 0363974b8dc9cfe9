#pragma once

#include <cstddef>
#include <vector>

#include "bench/arrivals.hpp"
#include "bench/load.hpp"
#include "bench/measure.hpp"
#include "bench/result.hpp"
#include "bench/target.hpp"
#include "bench/warm_up.hpp"

namespace vivace::bench {

/// One target, warm, and the stretches of load that it is put under. Target, plan and context must outlive it.
class Subject {
 public:
  /// Warms the target up. Throws what its first request throws.
  Subject(Target& target, const LoadPlan& plan, const MeasureContext& context);

  /// Puts a load on the target for a while; `load.seed` is that of its arrivals.
  Measurement stretch(const LoadDescription& load, double duration_s) const;

  /// What a stretch, or several together, came to as a run, judged but for its length (see judge_length).
  Run run_of(const LoadDescription& load, Measurement measured) const;

  /// The run of one stretch. `kept_bytes` are held by samples of other runs meanwhile.
  Run trial(const LoadDescription& load, std::size_t kept_bytes) const;

  /// A trial that is made again where the generator was too slow for it: that is the machine's doing, not the target's.
  Run repeated_trial(const LoadDescription& load, std::size_t kept_bytes) const;

  /// Requests a second that one caller reaches.
  double rate_of_one_caller_hz() const;

 private:
  Measurement closed_stretch(const LoadDescription& load, double duration_s) const;
  Measurement open_stretch(const LoadDescription& load, double duration_s) const;
  std::vector<Arrival> arrivals(const LoadDescription& load, double duration_s) const;

  Target& target_;
  const LoadPlan& plan_;
  const MeasureContext& context_;
  WarmUp warm_up_;
};

}  // namespace vivace::bench
