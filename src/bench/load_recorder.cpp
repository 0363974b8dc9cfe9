#include "bench/load_recorder.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

#include "base/machine.hpp"

namespace vivace::bench {

void LoadRecorder::send(std::size_t index, std::size_t samples, double intended, std::uint32_t stream) {
  Sample sample;
  sample.stream = stream;
  sample.sent_s = now();
  sample.intended_s = intended < 0 ? sample.sent_s : std::min(intended, sample.sent_s);
  try {
    const Answer answer = target_.send(index, samples);
    sample.done_s = now();
    sample.items = answer.items;
    audio_s_ += answer.audio_s;
    for (std::size_t i = 0; i < kMostStages; ++i) stage_s_[i] += answer.stage_s[i];
  } catch (const std::exception& error) {
    sample.done_s = now();
    sample.failed = true;
    if (first_failure_.empty()) first_failure_ = error.what();
  }
  samples_.push_back(sample);
}

Measurement LoadRecorder::merge(const Target& target, std::vector<LoadRecorder> recorders) {
  Measurement whole;
  std::size_t own_bytes = 0;
  for (const LoadRecorder& recorder : recorders) own_bytes += recorder.samples_.size() * sizeof(Sample);
  const std::size_t peak = base::peak_resident_bytes();
  whole.peak_resident_bytes = peak - std::min(peak, own_bytes);
  const std::vector<std::string> stages = target.stages();
  for (LoadRecorder& recorder : recorders) {
    whole.samples.insert(whole.samples.end(), recorder.samples_.begin(), recorder.samples_.end());
    for (std::size_t i = 0; i < stages.size(); ++i) whole.stage_s[stages[i]] += recorder.stage_s_[i];
    whole.audio_s += recorder.audio_s_;
    whole.unsent += recorder.unsent_;
    if (whole.first_failure.empty()) whole.first_failure = recorder.first_failure_;
  }
  std::stable_sort(whole.samples.begin(), whole.samples.end(),
                   [](const Sample& a, const Sample& b) { return a.intended_s < b.intended_s; });
  for (const Sample& sample : whole.samples) whole.duration_s = std::max(whole.duration_s, sample.done_s);
  return whole;
}

}  // namespace vivace::bench
