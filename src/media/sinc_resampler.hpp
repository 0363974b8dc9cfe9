#pragma once

#include <array>
#include <memory>
#include <string>

#include <samplerate.h>

#include "media/resampler.hpp"

namespace vivace::media {

/// libsamplerate's SRC_SINC_MEDIUM_QUALITY.
class SincResampler final : public Resampler {
 public:
  /// `ratio` = output rate / input rate. Throws Error(invalid_argument) beyond libsamplerate's 1/256 … 256.
  explicit SincResampler(double ratio);

  void push(std::span<const float> src, std::vector<float>& dst) override;
  void finish(std::vector<float>& dst) override;

 private:
  struct StateDeleter {
    void operator()(SRC_STATE* state) const { src_delete(state); }
  };

  void process(std::span<const float> src, bool last, std::vector<float>& dst);

  double ratio_;
  std::unique_ptr<SRC_STATE, StateDeleter> state_;
};

}  // namespace vivace::media
