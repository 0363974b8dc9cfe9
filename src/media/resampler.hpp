#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::media {

/// How a rate is changed. Results differ audibly and between models: a model's manifest names the one it was trained
/// with.
enum class ResamplerKind {
  linear,       ///< no filter, one sample late: libsamplerate's SRC_LINEAR, Essentia's quality 4
  sinc_medium,  ///< libsamplerate's SRC_SINC_MEDIUM_QUALITY, Essentia's quality 1
  soxr_hq,      ///< libsoxr "HQ", 20 bit
};

/// "linear", "sinc-medium", "soxr-hq".
std::string_view resampler_name(ResamplerKind kind);
/// Throws Error(invalid_argument), naming the known ones.
ResamplerKind resampler_kind(std::string_view name);

/// Changes the rate of one mono stream, block by block; the result does not depend on how the stream is cut into
/// blocks. The ratio is the float32 quotient dst_rate / src_rate, as Essentia computes it (not soxr_hq, which takes the
/// exact one). Memory: bounded by the block. Not thread-safe: one a stream.
class Resampler {
 public:
  virtual ~Resampler() = default;
  /// Appends the samples that are certain by now to `dst`.
  virtual void push(std::span<const float> src, std::vector<float>& dst) = 0;
  /// Ends the stream: appends the rest. The resampler is then as new.
  virtual void finish(std::vector<float>& dst) = 0;
};

/// Rates in Hz, 1000 … 768000. Equal rates copy. Throws Error(invalid_argument) for other rates.
std::unique_ptr<Resampler> make_resampler(ResamplerKind kind, int src_rate, int dst_rate);

/// The versions of the libraries behind them, e.g. "libsamplerate-0.1.9 (c) …, libsoxr-0.1.3".
std::string resampler_versions();

}  // namespace vivace::media
