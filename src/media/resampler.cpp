#include "media/resampler.hpp"

#include <fmt/format.h>
#include <samplerate.h>
#include <soxr.h>

#include <algorithm>
#include <array>
#include <utility>

#include "media/audio_block.hpp"
#include "media/linear_resampler.hpp"
#include "media/sinc_resampler.hpp"
#include "media/soxr_resampler.hpp"
#include "vivace/error.hpp"

namespace vivace::media {
namespace {

constexpr std::array<std::pair<ResamplerKind, std::string_view>, 3> kNames{{
    {ResamplerKind::linear, "linear"},
    {ResamplerKind::sinc_medium, "sinc-medium"},
    {ResamplerKind::soxr_hq, "soxr-hq"},
}};

class Copy final : public Resampler {
 public:
  void push(std::span<const float> src, std::vector<float>& dst) override {
    dst.insert(dst.end(), src.begin(), src.end());
  }
  void finish(std::vector<float>&) override {}
};

void require_rate(int rate) {
  if (rate >= kLowestSampleRate && rate <= kHighestSampleRate) return;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("a sample rate of {} Hz; use {} to {} Hz", rate, kLowestSampleRate, kHighestSampleRate));
}

}  // namespace

std::string_view resampler_name(ResamplerKind kind) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == kind; })->second;
}

ResamplerKind resampler_kind(std::string_view name) {
  const auto found =
      std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.second == name; });
  if (found != kNames.end()) return found->first;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("resampler '{}' is not known; use linear, sinc-medium or soxr-hq", name));
}

std::unique_ptr<Resampler> make_resampler(ResamplerKind kind, int src_rate, int dst_rate) {
  require_rate(src_rate);
  require_rate(dst_rate);
  if (src_rate == dst_rate) return std::make_unique<Copy>();
  const double float_ratio = static_cast<float>(dst_rate) / static_cast<float>(src_rate);
  switch (kind) {
    case ResamplerKind::linear: return std::make_unique<LinearResampler>(float_ratio);
    case ResamplerKind::sinc_medium: return std::make_unique<SincResampler>(float_ratio);
    case ResamplerKind::soxr_hq: return std::make_unique<SoxrResampler>(src_rate, dst_rate);
  }
  throw Error(ErrorCode::invalid_argument, "resampler kind is not known");
}

std::string resampler_versions() { return fmt::format("{}, {}", src_get_version(), soxr_version()); }

}  // namespace vivace::media
