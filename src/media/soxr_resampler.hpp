#pragma once

#include <memory>

#include <soxr.h>

#include "media/resampler.hpp"

namespace vivace::media {

/// libsoxr's "HQ" recipe on the calling thread.
class SoxrResampler final : public Resampler {
 public:
  SoxrResampler(int src_rate, int dst_rate);

  void push(std::span<const float> src, std::vector<float>& dst) override;
  void finish(std::vector<float>& dst) override;

 private:
  struct Deleter {
    void operator()(soxr* state) const { soxr_delete(state); }
  };

  std::unique_ptr<soxr, Deleter> state_;
};

}  // namespace vivace::media
