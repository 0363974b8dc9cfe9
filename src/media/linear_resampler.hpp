#pragma once

#include <cstdint>

#include "media/resampler.hpp"

namespace vivace::media {

/// Linear interpolation, one input sample late: output n lies at input p = n / ratio - 1, and y[n] = x[0] for p < 0.
/// Ends before p + 1 reaches the number of input samples. Positions are computed from n, so they do not drift in
/// streams of hours; libsamplerate adds them up, so that its samples differ by rounding (1.5e-8 over 10 s), and where a
/// rate grows by a whole factor it may make one more.
class LinearResampler final : public Resampler {
 public:
  /// `ratio` = output rate / input rate.
  explicit LinearResampler(double ratio);

  void push(std::span<const float> src, std::vector<float>& dst) override;
  void finish(std::vector<float>& dst) override;

 private:
  double position(std::int64_t output) const { return static_cast<double>(output) * step_; }
  std::int64_t first_output_at(std::int64_t input) const;
  void push_piece(std::span<const float> src, std::vector<float>& dst);

  double step_;                // input samples an output sample
  std::int64_t consumed_ = 0;  // input samples
  std::int64_t produced_ = 0;  // output samples
  float previous_ = 0;         // the last input sample
};

}  // namespace vivace::media
