#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vivace/error.hpp"
#include "vivace/placement.hpp"

namespace vivace {

struct EmbedOptions {
  /// An installed model, a path to a model folder, or an extractor with heads: "discogs-effnet+danceability".
  std::string model = "msd-musicnn";
  PlacementOptions placement{};
  std::size_t batch = 0;  ///< patches a run, at most 4096; 0: the model's own choice
  /// Whether results hold every row (Embedding::times_s, embeddings, activations). Without them memory does not grow
  /// with the length of the audio at all.
  bool keep_rows = true;
  /// Counts rows as Essentia's predictors do (those that pad their batches leave out the last frame of a track), and
  /// keeps the priming samples of AAC in MP4 files, as its loader does.
  bool essentia_compatible = false;
  /// Files that are shorter or longer (in seconds) are left out, see Embedding::outside_limits.
  double min_duration_s = 0;
  double max_duration_s = std::numeric_limits<double>::infinity();
};

/// A label and the mean of its activations over all rows: a probability, or a value where the model is a regression.
struct Tag {
  std::string name;
  float value = 0;
};

/// Seconds that one thread spent in each stage.
struct StageSeconds {
  double decode = 0;
  double resample = 0;
  double mel = 0;
  double model = 0;
};

/// What a model says of one track.
struct Embedding {
  double duration_s = 0;        ///< of the decoded audio; where it is outside the limits, what the file declares
  bool truncated = false;       ///< audio is missing: the file ended early or is damaged; the rest was used
  bool outside_limits = false;  ///< shorter or longer than the options allow; everything below is empty
  std::string note;             ///< why there are no rows, else empty
  std::size_t dimension = 0;
  std::size_t rows = 0;         ///< patches; 0 for audio shorter than one patch
  std::vector<float> mean;      ///< [dimension], the mean over rows; empty without rows
  std::vector<double> times_s;  ///< [rows], the time at which each patch begins; like the next two only with keep_rows
  std::vector<float> embeddings;   ///< [rows, dimension], row-major
  std::vector<float> activations;  ///< [rows, labels], row-major; empty where the model has none
  std::vector<Tag> tags;           ///< one a label, in the model's order; empty without rows
  StageSeconds seconds;
};

/// Facts about an open model, the same for all its results.
struct EmbedModelInfo {
  std::string name;       ///< "msd-musicnn", "discogs-effnet+danceability"
  std::string sha256;     ///< of the graph; of all graphs joined by '+' for a chain
  std::string front_end;  ///< e.g. "log-mel 96 bands 512/256 at 16000 Hz, patches 187/93 #4d0f9a2c"; see docs/embed.md
  std::string resampler;  ///< "linear", "sinc-medium" or "soxr-hq"
  std::string placement;  ///< e.g. "onnxruntime/cpu"
  std::size_t dimension = 0;
  double row_rate_hz = 0;  ///< rows a second of audio
  std::vector<std::string> labels;
  /// How many of `labels`, from the front, are the extractor's own; the others are those of its heads.
  std::size_t extractor_labels = 0;
};

/// Turns audio into embeddings and tags with one model. All members are safe from many threads at the same time; each
/// call runs on its caller's thread, in memory that does not grow with the length of the audio (but for the rows it
/// returns).
class Embedder {
 public:
  /// Opens and verifies the model. Throws Error: not_found (no such model), corrupt_data (a file does not have the hash
  /// that the manifest gives), model_mismatch (manifest and graph do not fit), unavailable (nothing here can run it),
  /// invalid_argument (options that contradict each other or the model), resource_exhausted (memory).
  explicit Embedder(const EmbedOptions& options = {});
  Embedder(Embedder&&) noexcept;
  Embedder& operator=(Embedder&&) noexcept;
  ~Embedder();

  const EmbedModelInfo& model() const;

  /// Decodes and embeds any audio file that FFmpeg reads: the first audio stream, channels averaged.
  /// Throws Error: not_found, invalid_argument (a folder or device), unavailable (cannot be read), corrupt_data (not
  /// audio, or not a finite number in it), unsupported (no decoder, or a rate or channel count out of range),
  /// resource_exhausted (memory), internal. FFmpeg's messages are silenced for the whole process.
  Embedding embed_file(const std::filesystem::path& path) const;

  /// Embeds mono samples (full scale ±1) at `sample_rate` Hz, 1000 … 768000.
  /// Throws Error: invalid_argument (rate), corrupt_data (a sample is not a finite number).
  Embedding embed(std::span<const float> samples, int sample_rate) const;

  /// A recording that comes in pieces. Not thread-safe. The Embedder must outlive it.
  class Stream {
   public:
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    ~Stream();

    /// The next mono samples, full scale ±1; how the recording is cut changes nothing. Throws Error(corrupt_data) where
    /// a sample is not a finite number.
    void push(std::span<const float> samples);
    /// Ends the recording; nothing can be pushed afterwards.
    Embedding finish();

   private:
    friend class Embedder;
    class Implementation;
    Stream();
    std::unique_ptr<Implementation> implementation_;
  };

  /// Begins a recording at `sample_rate` Hz, 1000 … 768000. Throws Error(invalid_argument) for other rates.
  Stream stream(int sample_rate) const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivace
