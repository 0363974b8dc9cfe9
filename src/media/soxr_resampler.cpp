#include "media/soxr_resampler.hpp"

#include <fmt/format.h>

#include "vivace/error.hpp"

namespace vivace::media {
namespace {

constexpr std::size_t kOutputPiece = 4096;

void require(soxr_error_t error) {
  if (error != nullptr) throw Error(ErrorCode::internal, fmt::format("libsoxr: {}", error));
}

/// Feeds `src`, or the end of the stream where its address is null, and appends what comes out.
void process(soxr* state, std::span<const float> src, std::vector<float>& dst) {
  std::size_t made = 0;
  do {
    std::size_t used = 0;
    const std::size_t written = dst.size();
    dst.resize(written + kOutputPiece);
    require(soxr_process(state, src.data(), src.size(), &used, dst.data() + written, kOutputPiece, &made));
    dst.resize(written + made);
    src = src.subspan(used);
  } while (!src.empty() || made == kOutputPiece);
}

}  // namespace

SoxrResampler::SoxrResampler(int src_rate, int dst_rate) {
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_error_t error = nullptr;
  state_.reset(soxr_create(src_rate, dst_rate, 1, &error, &io, &quality, &runtime));
  require(error);
}

void SoxrResampler::push(std::span<const float> src, std::vector<float>& dst) {
  if (!src.empty()) process(state_.get(), src, dst);
}

void SoxrResampler::finish(std::vector<float>& dst) {
  process(state_.get(), {}, dst);
  require(soxr_clear(state_.get()));
}

}  // namespace vivace::media
