#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/decoder.hpp"
#include "media/encoder.hpp"
#include "media/resampler.hpp"
#include "tasks/separate/spool.hpp"
#include "vivace/separate.hpp"

namespace vivace::separate {

/// What becomes of samples beyond full scale.
enum class ClipMode {
  rescale,  ///< all stems of a track become quieter by the same factor, as far as is needed; not where the format holds
            ///< any level
  clamp,    ///< they become full scale
  none,     ///< they stay, where the format holds them
};

/// "rescale", "clamp", "none". Throws Error(invalid_argument) for others.
ClipMode clip_mode(const std::string& name);

struct StemFileOptions {
  std::filesystem::path folder;
  /// Below the folder: {track} is the track's path below the folder that was named, without its extension, {name} the
  /// same without folders, {trackext} its extension, {stem}, {model}, and {ext} the format's extension.
  std::string names = "{track}/{stem}.{ext}";
  media::AudioFormat format = media::AudioFormat::flac;
  int bit_rate = 0;  ///< as media::EncoderOptions
  ClipMode clip = ClipMode::rescale;
  bool source_rate = false;  ///< at the rate of the track instead of the model's
  bool tags = true;          ///< the track's tags, and the stem in the title
};

/// The files of a track's stems, in their order. `below_root` is the track's path as {track} has it, with its
/// extension. Throws Error(invalid_argument) for a pattern that has no {stem} or leads out of the folder.
std::vector<std::filesystem::path> stem_paths(const StemFileOptions& options, const SeparateModelInfo& model,
                                              const std::filesystem::path& below_root);

/// A file that was written.
struct StemFile {
  std::filesystem::path path;
  std::uintmax_t bytes = 0;
};

/// Writes the stems of one track. The files appear under their names whole or not at all, with `finish`, one after the
/// other. Not thread-safe.
class StemWriter {
 public:
  /// `source` tells the track's rate and tags. Throws Error as media::Encoder.
  StemWriter(const StemFileOptions& options, const SeparateModelInfo& model, std::vector<std::filesystem::path> paths,
             const media::AudioStreamInfo& source);
  ~StemWriter();

  /// The next stretch. Throws Error as media::Encoder and Spool.
  void write(const StemStretch& stretch);

  /// Ends the files; returns the factor that all stems were multiplied by.
  double finish();

 private:
  class Stem;

  ClipMode clip_;
  bool spools_ = false;
  float peak_ = 0;
  std::vector<std::unique_ptr<Stem>> stems_;
};

}  // namespace vivace::separate
