#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tasks/separate/opened_model.hpp"
#include "tasks/separate/stereo_source.hpp"

namespace vivace::separate {

/// Separates one track: reads it once, or twice where the network needs to know its level. `leads` are the frames of
/// silence in front of the track, one a pass; the passes are averaged.
SeparationSummary run_separation(const OpenedModel& model, const StereoSource& source,
                                 const std::vector<std::int64_t>& leads, const StemConsumer& consume,
                                 const std::function<void()>& checkpoint);

}  // namespace vivace::separate
