#include "media/linear_resampler.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace vivace::media {
namespace {

constexpr std::size_t kPieceSamples = 1 << 20;  // so that indices within a piece are small

/// Interpolates in double, as libsamplerate does.
float between(float before, float after, double fraction) {
  return static_cast<float>(before + fraction * (static_cast<double>(after) - before));
}

/// dst[i] = the value of `src` at (first + i) * step - start - 1. In two passes over a few samples at a time, as only
/// the look-up in the middle cannot be vectorised.
void interpolate(const float* src, double first, double step, double start, std::span<float> dst) {
  constexpr std::size_t kBatch = 64;
  std::array<int, kBatch> index;
  std::array<double, kBatch> fraction;
  std::array<float, kBatch> before;
  std::array<float, kBatch> after;
  while (!dst.empty()) {
    const std::size_t count = std::min(kBatch, dst.size());
    for (int i = 0; i < static_cast<int>(count); ++i) {
      const double place = (first + i) * step - start;
      const int whole = static_cast<int>(place);
      index[static_cast<std::size_t>(i)] = whole;
      fraction[static_cast<std::size_t>(i)] = place - whole;
    }
    for (std::size_t i = 0; i < count; ++i) {
      before[i] = src[index[i] - 1];
      after[i] = src[index[i]];
    }
    for (std::size_t i = 0; i < count; ++i) dst[i] = between(before[i], after[i], fraction[i]);
    dst = dst.subspan(count);
    first += static_cast<double>(count);
  }
}

}  // namespace

LinearResampler::LinearResampler(double ratio) : step_(1.0 / ratio) {}

/// The first output sample that does not lie before `input`, one sample late as all.
std::int64_t LinearResampler::first_output_at(std::int64_t input) const {
  const auto wanted = static_cast<double>(input);
  auto output = static_cast<std::int64_t>(std::ceil(wanted / step_));
  while (output > 0 && position(output - 1) >= wanted) --output;
  while (position(output) < wanted) ++output;
  return output;
}

void LinearResampler::push(std::span<const float> src, std::vector<float>& dst) {
  for (; !src.empty(); src = src.subspan(std::min(src.size(), kPieceSamples))) {
    push_piece(src.first(std::min(src.size(), kPieceSamples)), dst);
  }
}

void LinearResampler::push_piece(std::span<const float> src, std::vector<float>& dst) {
  if (consumed_ == 0) previous_ = src.front();
  const std::int64_t end = first_output_at(consumed_ + static_cast<std::int64_t>(src.size()));
  const std::size_t written = dst.size();
  dst.resize(written + static_cast<std::size_t>(end - produced_));
  float* out = dst.data() + written;

  // The difference is exact, so the fraction is the same however the stream is cut.
  const auto offset = [this](std::int64_t output) { return position(output) - static_cast<double>(consumed_); };
  for (; produced_ < end && offset(produced_) < 1; ++produced_) {
    *out++ = between(previous_, src.front(), offset(produced_));
  }
  interpolate(src.data(), static_cast<double>(produced_), step_, static_cast<double>(consumed_),
              {out, static_cast<std::size_t>(end - produced_)});
  produced_ = end;
  consumed_ += static_cast<std::int64_t>(src.size());
  previous_ = src.back();
}

void LinearResampler::finish(std::vector<float>&) {
  consumed_ = 0;
  produced_ = 0;
}

}  // namespace vivace::media
