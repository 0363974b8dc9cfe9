#include "media/sinc_resampler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vivace/error.hpp"

namespace vivace::media {
namespace {

constexpr std::size_t kOutputPiece = 4096;

void require(int status) {
  if (status != 0) throw Error(ErrorCode::internal, fmt::format("libsamplerate: {}", src_strerror(status)));
}

}  // namespace

SincResampler::SincResampler(double ratio) : ratio_(ratio) {
  if (src_is_valid_ratio(ratio) == 0) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("'sinc-medium' cannot change a rate {:g} times; use 'soxr-hq'", ratio));
  }
  int status = 0;
  state_.reset(src_new(SRC_SINC_MEDIUM_QUALITY, 1, &status));
  require(status);
}

void SincResampler::push(std::span<const float> src, std::vector<float>& dst) {
  if (!src.empty()) process(src, false, dst);
}

void SincResampler::finish(std::vector<float>& dst) {
  constexpr float kNothing = 0;  // libsamplerate wants an address even for no samples
  process({&kNothing, 0}, true, dst);
  require(src_reset(state_.get()));
}

void SincResampler::process(std::span<const float> src, bool last, std::vector<float>& dst) {
  SRC_DATA data{};
  data.src_ratio = ratio_;
  data.end_of_input = last ? 1 : 0;
  do {
    const std::size_t written = dst.size();
    dst.resize(written + kOutputPiece);
    data.data_in = src.data();
    data.input_frames = static_cast<long>(src.size());
    data.data_out = dst.data() + written;
    data.output_frames = kOutputPiece;
    require(src_process(state_.get(), &data));
    src = src.subspan(static_cast<std::size_t>(data.input_frames_used));
    dst.resize(written + static_cast<std::size_t>(data.output_frames_gen));
  } while (!src.empty() || data.output_frames_gen == data.output_frames);
}

}  // namespace vivace::media
