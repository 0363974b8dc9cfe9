#include "tasks/analyze/sample_frames.hpp"

#include <algorithm>
#include <cmath>

#include "base/vectorised.hpp"
#include "dsp/spectral_shape.hpp"
#include "tasks/analyze/spectra.hpp"

namespace vivace::analyze {
namespace {

constexpr float kNegativeBelow = -1e-10F;

VIVACE_VECTORISED int sign_changes(std::span<const float> samples) {
  int changes = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    changes += (samples[i] < kNegativeBelow) != (samples[i - 1] < kNegativeBelow) ? 1 : 0;
  }
  return changes;
}

}  // namespace

void SampleFrames::push(std::span<const float> mono, const Emit& emit) {
  samples_ += mono.size();
  while (!mono.empty()) {
    const std::size_t count = std::min(mono.size(), kHop - pending_.size());
    pending_.insert(pending_.end(), mono.begin(), mono.begin() + static_cast<std::ptrdiff_t>(count));
    mono = mono.subspan(count);
    if (pending_.size() < kHop) return;
    end_hop();
    if (hops_ >= 2) emit_frame(emit);
  }
}

/// A frame is centred on the border of its second and third hop: that of hops_ - 2 is complete.
void SampleFrames::finish(const Emit& emit) {
  const std::size_t frames = samples_ == 0 ? 0 : 1 + samples_ / kHop;
  std::size_t emitted = hops_ < 2 ? 0 : hops_ - 1;
  for (; emitted < frames; ++emitted) {
    do end_hop();
    while (hops_ < 2);
    emit_frame(emit);
  }
  *this = {};
}

void SampleFrames::end_hop() {
  std::rotate(std::begin(recent_), std::begin(recent_) + 1, std::end(recent_));
  Hop& hop = recent_[3];
  hop = {};
  if (!pending_.empty()) {
    const bool starts_negative = pending_.front() < kNegativeBelow;
    hop.energy = dsp::energy(pending_);
    hop.inner_crossings = sign_changes(pending_);
    hop.first_crossing = hops_ > 0 && starts_negative != negative_ ? 1 : 0;
    negative_ = pending_.back() < kNegativeBelow;
  }
  pending_.clear();
  ++hops_;
}

void SampleFrames::emit_frame(const Emit& emit) {
  float energy = 0;
  int crossings = -recent_[0].first_crossing;
  for (const Hop& hop : recent_) {
    energy += hop.energy;
    crossings += hop.inner_crossings + hop.first_crossing;
  }
  emit({static_cast<float>(crossings) / kFrame, std::sqrt(energy / kFrame)});
}

}  // namespace vivace::analyze
