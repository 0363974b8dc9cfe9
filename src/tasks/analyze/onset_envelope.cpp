#include "tasks/analyze/onset_envelope.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/vectorised.hpp"
#include "dsp/power_decibels.hpp"
#include "tasks/analyze/decibel_frames.hpp"

namespace vivace::analyze {
namespace {

constexpr float kLowest = -100;  // dB, of silence
constexpr float kRange = 80;     // dB below the loudest
constexpr std::size_t kShift = kFrame / (2 * kHop);
constexpr std::size_t kLanes = 16;
static_assert(OnsetEnvelope::kBands % kLanes == 0);

dsp::MelOptions mel_options(int sample_rate) {
  return {.sample_rate = static_cast<double>(sample_rate),
          .fft_size = kFrame,
          .bands = OnsetEnvelope::kBands,
          .low_hz = 0,
          .high_hz = sample_rate / 2.0};
}

/// The mean of max(0, max(now, floor) - max(before, floor)) over the bands.
VIVACE_VECTORISED float mean_rise(const float* before, const float* now, float floor) {
  std::array<float, kLanes> sums{};
  for (std::size_t i = 0; i < OnsetEnvelope::kBands; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float from = before[i + lane] > floor ? before[i + lane] : floor;
      const float to = now[i + lane];
      sums[lane] += to > from ? to - from : 0;
    }
  }
  float sum = 0;
  for (const float lane : sums) sum += lane;
  return sum / static_cast<float>(OnsetEnvelope::kBands);
}

}  // namespace

OnsetEnvelope::OnsetEnvelope(int sample_rate) : bank_(mel_options(sample_rate)), row_(kBands), loudest_(kLowest) {}

void OnsetEnvelope::push(const Spectra& spectra) {
  for (std::size_t frame = 0; frame < spectra.frames; ++frame) push_frame(spectra.power_of(frame));
}

void OnsetEnvelope::push_frame(std::span<const float> power) {
  bank_.apply(power, row_);
  dsp::to_decibels(row_);
  // On the steps that frames wait in, so that what is below the floor does not rise above it by rounding.
  const float loudest = from_decibel_steps(to_decibel_steps(*std::max_element(row_.begin(), row_.end())));
  loudest_ = std::max(loudest_, loudest);
  if (count_ < kPatience) {
    std::ranges::transform(row_, std::back_inserter(waiting_), to_decibel_steps);
    ++count_;
    return;
  }
  const auto place = waiting_.begin() + static_cast<std::ptrdiff_t>(oldest_ * kBands);
  evaluate_oldest();
  std::ranges::transform(row_, place, to_decibel_steps);
  ++count_;
}

void OnsetEnvelope::evaluate_oldest() {
  now_.resize(kBands);
  std::ranges::transform(std::span(waiting_).subspan(oldest_ * kBands, kBands), now_.begin(), from_decibel_steps);
  if (!before_.empty()) rises_.push_back(mean_rise(before_.data(), now_.data(), loudest_ - kRange));
  std::swap(before_, now_);
  oldest_ = (oldest_ + 1) % kPatience;
  --count_;
}

std::vector<float> OnsetEnvelope::finish() {
  while (count_ > 0) evaluate_oldest();
  waiting_ = {};
  std::vector<float> envelope = std::move(rises_);
  const std::size_t frames = before_.empty() ? 0 : envelope.size() + 1;
  envelope.insert(envelope.begin(), kShift + 1, 0.0F);
  envelope.resize(frames);
  return envelope;
}

}  // namespace vivace::analyze
