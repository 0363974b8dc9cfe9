#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/separation.hpp"

namespace vivace::model {

struct ModelFile {
  std::string role;  ///< "graph", or the name of the backend that it is for
  std::string path;  ///< relative, inside the model's folder
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 lower-case hexadecimal digits

  bool operator==(const ModelFile&) const = default;
};

/// See docs/models.md for the meaning of every key.
struct AudioInput {
  int sample_rate = 16000;  ///< Hz
  std::string resampler;    ///< a name that media::resampler_kind knows

  bool operator==(const AudioInput&) const = default;
};

struct FrontEnd {
  std::string type = "log-mel";
  std::string window = "hann-symmetric";
  std::size_t frame = 512;
  std::size_t hop = 256;
  std::size_t fft = 512;
  bool centred = true;
  std::string spectrum = "power";
  std::string mel_scale = "slaney";
  std::size_t bands = 96;
  double low_hz = 0;
  double high_hz = 8000;
  std::string slopes = "hz";
  std::string normalisation = "unit-area";
  std::string log = "log10";
  double multiply = 1;
  double add = 0;
  double mean = 0;
  double divisor = 1;

  bool operator==(const FrontEnd&) const = default;
};

/// The largest `batch` and `fixed_batch`.
inline constexpr std::size_t kLargestBatch = 4096;

struct Patching {
  std::size_t frames = 0;
  std::size_t hop = 0;
  std::string cut_by = "host";
  std::size_t batch = 1;
  std::size_t fixed_batch = 0;        ///< 0: any
  std::string pooling = "mean";       ///< how the rows of a track become one
  std::string essentia_rows = "all";  ///< "all" or "without-last-frame"

  bool operator==(const Patching&) const = default;
};

struct TensorRoles {
  std::string input;
  std::string embeddings;   ///< empty: none
  std::string activations;  ///< empty: none

  bool operator==(const TensorRoles&) const = default;
};

struct Activations {
  std::string kind;  ///< "sigmoid", "softmax" or "regression"
  std::vector<std::string> labels;

  bool operator==(const Activations&) const = default;
};

struct ExtractorReference {
  std::string name;
  std::size_t dimension = 0;

  bool operator==(const ExtractorReference&) const = default;
};

/// A checked `model.toml`. Value type.
struct Manifest {
  std::string name;
  std::string task;
  std::string family;
  std::string version;
  std::string description;
  std::string licence;
  std::string licence_url;
  std::string source;
  std::vector<ModelFile> files;
  std::optional<AudioInput> audio;
  std::optional<FrontEnd> front_end;
  std::optional<Patching> patch;
  TensorRoles tensors;
  std::size_t embedding_dimension = 0;
  std::optional<Activations> activations;
  std::optional<ExtractorReference> extractor;
  std::optional<Spectrum> spectrum;
  std::optional<Separation> separation;
  /// How alike outputs in a lower precision must be to those in fp32 for tuning to take it; nothing: it takes none.
  std::optional<double> least_cosine;

  /// The file with this role. Throws Error(model_mismatch) where there is none.
  const ModelFile& file(const std::string& role) const;

  bool operator==(const Manifest&) const = default;
};

/// The name of the manifest in a model's folder.
inline constexpr const char* kManifestFile = "model.toml";

/// The tasks that models are for.
inline constexpr const char* kEmbedTask = "embed";
inline constexpr const char* kSeparateTask = "separate";

/// The families of models that separate. Which of them a graph is of, see tasks/separate.
inline constexpr const char* kSpectralMask = "spectral-mask";
inline constexpr const char* kHtdemucs = "htdemucs";
inline constexpr const char* kMdx = "mdx";

/// Families that have the sections [audio], [front_end] and [patch], and those that have [extractor] instead.
bool is_extractor(const Manifest& manifest);
bool is_head(const Manifest& manifest);
/// Families that have the sections [audio] and [separation].
bool is_separator(const Manifest& manifest);

/// True for a name that a model may have: 1 to 100 letters, digits, '-', '_' and '.', the first a letter or digit.
bool is_model_name(std::string_view name);

/// Parses and checks a manifest: known keys and values only, sizes in their ranges, file paths inside the folder.
/// `origin` names the text in errors. Throws Error(model_mismatch) with the line, the key, what is wrong and what is
/// allowed. Safe for any bytes.
Manifest parse_manifest(const std::string& toml, const std::string& origin);

/// Reads `<folder>/model.toml` (at most 4 MiB). Throws as base::read_file and parse_manifest.
Manifest read_manifest(const std::filesystem::path& folder);

/// The manifest as the text of a `model.toml`; parse_manifest reads it back equal.
std::string to_toml(const Manifest& manifest);

}  // namespace vivace::model
