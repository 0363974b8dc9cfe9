#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "model/manifest.hpp"
#include "support/files.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/separate.hpp"

namespace vivace::test {

/// Writes a model with these graphs, of the roles "graph", "graph-2" …, into `folder` and returns its path.
inline std::string write_separator(const std::filesystem::path& folder, model::Manifest manifest,
                                   const std::vector<std::string>& graphs) {
  std::filesystem::create_directories(folder);
  manifest.name = folder.filename().string();
  manifest.task = model::kSeparateTask;
  manifest.licence = "CC0-1.0";
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    const std::string role = i == 0 ? "graph" : "graph-" + std::to_string(i + 1);
    base::Sha256 digest;
    digest.update(graphs[i]);
    manifest.files.push_back({role, role + ".onnx", graphs[i].size(), digest.finish()});
    write_text(folder / (role + ".onnx"), graphs[i]);
  }
  write_text(folder / model::kManifestFile, model::to_toml(manifest));
  return folder.string();
}

inline const std::vector<std::string> kFourStems = {"drums", "bass", "other", "vocals"};

inline std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

/// HTDemucs on the waveform: stem i is the segment times weights[i].
inline std::string wave_graph(std::size_t segment, const std::vector<float>& weights) {
  const std::int64_t length = signed_size(segment);
  return weighting_graph({{{"mix", {1, 2, length}}, {"stems", {1, signed_size(weights.size()), 2, length}}, weights}});
}

/// HTDemucs with its spectrum outside: stem i is the segment times temporal[i] + spectral[i].
inline std::string spectrum_graph(std::size_t segment, std::size_t bins, const std::vector<float>& temporal,
                                  const std::vector<float>& spectral) {
  const std::int64_t length = signed_size(segment);
  const std::int64_t stems = signed_size(temporal.size());
  const std::int64_t frames = signed_size((segment + bins / 2 - 1) / (bins / 2));
  return weighting_graph(
      {{{"x", {1, 4, signed_size(bins), frames}}, {"output", {1, stems, 4, signed_size(bins), frames}}, spectral},
       {{"input", {1, 2, length}}, {"add", {1, stems, 2, length}}, temporal}});
}

inline model::Manifest htdemucs_manifest() {
  model::Manifest manifest;
  manifest.family = model::kHtdemucs;
  manifest.audio = model::AudioInput{44100, "soxr-hq"};
  manifest.separation = model::Separation{kFourStems, 1, {}};
  return manifest;
}

/// The whole of each stem, [stems, 2, frames].
struct Stems {
  SeparationSummary summary;
  std::vector<std::vector<float>> left;
  std::vector<std::vector<float>> right;
};

/// What `run` gives to its consumer. The stretches follow each other without a gap, or the test fails.
Stems collect(const std::function<SeparationSummary(const StemConsumer&)>& run, std::size_t stems);

Stems separate(const SeparateOptions& options, const std::vector<float>& left, const std::vector<float>& right);

}  // namespace vivace::test
