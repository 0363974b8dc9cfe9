#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vivace/error.hpp"
#include "vivace/placement.hpp"

namespace vivace {

struct SeparateOptions {
  /// An installed model, a path to a model folder, or a path to an ONNX file of a known kind (docs/separate.md).
  std::string model = "spleeter-2stems";
  PlacementOptions placement{};
  std::vector<std::string> stems{};  ///< only these, in this order; empty: all of the model
  std::string two_stems{};           ///< this stem and "no_<stem>", the sum of the others; empty: off
  bool subtract = false;             ///< two_stems: "no_<stem>" is the mix less the stem
  std::size_t shifts = 0;  ///< htdemucs: passes at random offsets that are averaged, at most 100; 0: one at none
  std::uint64_t seed = 0;  ///< of the offsets
  std::optional<double> overlap{};    ///< htdemucs, mdx: of segments, 0 … 0.99; the model's own without it
  std::optional<double> segment_s{};  ///< seconds a segment, for graphs that take any
  bool denoise = false;               ///< mdx: also runs the mix upside down and averages, which cancels noise
  bool band_limited_rest = false;     ///< mdx: the other stem is without what lies above the network's band
  std::string upper_band = "zeros";   ///< spectral-mask: above the network's band "zeros", or the "average" of the mask
  std::size_t wiener = 0;             ///< spectral-mask: iterations of multichannel Wiener filtering, at most 10
  std::size_t workers = 0;            ///< segments of a track at a time; 0: the family's choice
  std::size_t threads = 1;            ///< of all workers of a track, at least 1
};

/// Facts about an open model and what it is asked for.
struct SeparateModelInfo {
  std::string name;
  std::string family;
  std::string sha256;  ///< of the graph; of all graphs joined by '+' for a bag
  std::string licence;
  std::string placement;           ///< e.g. "onnxruntime/cpu"
  std::vector<std::string> stems;  ///< that come out, in order
  bool whole = false;              ///< together the stems are meant to make up the mix
  int sample_rate = 0;             ///< Hz, of the stems
  double segment_s = 0;            ///< seconds that the network sees at a time
  std::string configuration;       ///< what else decides the results, in words
};

/// One stretch of all stems: stereo at the model's rate. Stretches follow each other without a gap.
struct StemStretch {
  std::int64_t position = 0;  ///< frame of the track at which it begins
  std::size_t frames = 0;
  std::vector<float> samples{};  ///< [stems, 2, frames]

  std::span<const float> channel(std::size_t stem, std::size_t index) const {
    return std::span(samples).subspan((stem * 2 + index) * frames, frames);
  }
};

/// Called with one stretch after the other, on the thread that separates. What it throws ends the separation.
using StemConsumer = std::function<void(const StemStretch& stretch)>;

struct StemSummary {
  std::string name;
  float peak = 0;  ///< largest magnitude; above 1 where a format of integers would clip
  double rms = 0;  ///< of both channels
};

/// What became of a track.
struct SeparationSummary {
  double duration_s = 0;   ///< of the decoded audio
  bool truncated = false;  ///< audio is missing: the file ended early or is damaged; the rest was used
  std::vector<StemSummary> stems{};
  /// Energy of what the stems leave out of the mix, or add to it, over that of the mix in dB; nothing where the stems
  /// are not meant to make up the mix, and for silence.
  std::optional<double> residual_db{};
  std::size_t segments = 0;  ///< runs of the network, times those of a bag
  double network_s = 0;      ///< seconds in them, summed over the workers
};

/// Splits music into stems, in memory that does not grow with the length of a track. All members are safe from many
/// threads at the same time.
class Separator {
 public:
  /// Opens and verifies the model. Throws Error: not_found (no such model), corrupt_data (a file does not have the hash
  /// that the manifest gives), model_mismatch (manifest and graph do not fit, or a graph of no known kind), unavailable
  /// (nothing here can run it), invalid_argument (options that the model has not).
  explicit Separator(const SeparateOptions& options = {});
  Separator(Separator&&) noexcept;
  Separator& operator=(Separator&&) noexcept;
  ~Separator();

  const SeparateModelInfo& model() const;

  /// Decodes a file, at the model's rate and in stereo: a mono file is both channels, of more than two the first two
  /// are used. A model that needs to know the whole track's level decodes it twice. `checkpoint` is called some times a
  /// second; what it throws ends the separation. The stems do not depend on the number of workers, bit by bit.
  /// Throws Error as Embedder::embed_file, model_mismatch where the model gives what is no finite number, and what
  /// `consume` throws.
  SeparationSummary separate_file(const std::filesystem::path& path, const StemConsumer& consume,
                                  const std::function<void()>& checkpoint = {}) const;

  /// The same of samples [2, frames] at the model's rate. Throws Error: invalid_argument (an odd number of samples),
  /// corrupt_data (a sample is not a finite number), model_mismatch.
  SeparationSummary separate(std::span<const float> samples, const StemConsumer& consume) const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivace
