#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "media/decoder.hpp"
#include "media/resampler.hpp"
#include "tasks/separate/network.hpp"

namespace vivace::separate {

using StereoBlock = std::array<std::vector<float>, kStereo>;

/// A track in stereo at one rate, block by block. Not thread-safe.
class StereoReader {
 public:
  virtual ~StereoReader() = default;
  /// Replaces `block` by the next frames; false at the end. Throws Error as media::Decoder does.
  virtual bool read(StereoBlock& block) = 0;
  /// After the end: audio is missing.
  virtual bool truncated() const { return false; }
};

/// Opens a track at its beginning; may be called more than once.
using StereoSource = std::function<std::unique_ptr<StereoReader>()>;

/// A file: mono is both channels, of more than two the first two.
StereoSource file_source(const std::filesystem::path& path, media::ResamplerKind resampler, int sample_rate);

/// Samples [2, frames], which outlive the source and its readers. Throws where a sample is not finite.
StereoSource sample_source(std::span<const float> samples);

/// Reads a track to its end. `checkpoint` may be empty.
TrackStatistics read_statistics(StereoReader& reader, const std::function<void()>& checkpoint);

}  // namespace vivace::separate
