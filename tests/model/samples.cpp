#include "model/samples.hpp"

#include "base/sha256.hpp"
#include "model/manifest.hpp"

namespace fs = std::filesystem;

namespace vivace::test {
namespace {

constexpr const char* kHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fs::path write_model(const fs::path& parent, model::Manifest manifest, const std::string& name) {
  const fs::path folder = parent / name;
  fs::create_directories(folder);
  const std::string graph = "graph of " + name;
  base::Sha256 digest;
  digest.update(graph);
  manifest.name = name;
  manifest.files = {{"graph", "model.onnx", graph.size(), digest.finish()}};
  write_text(folder / "model.onnx", graph);
  write_text(folder / model::kManifestFile, model::to_toml(manifest));
  return folder;
}

}  // namespace

std::string extractor_toml() {
  return std::string(R"(format = 1
name = "msd-musicnn"
task = "embed"
family = "mel-patch"
version = "1"
description = "embeddings"
licence = "ISC"
licence_url = "https://example.org/licence"
source = "a wheel"

[[files]]
role = "graph"
path = "model.onnx"
bytes = 3170167
sha256 = ")") +
         kHash + R"("

[audio]
sample_rate = 16000
resampler = "linear"

[front_end]
type = "log-mel"
window = "hann-symmetric"
frame = 512
hop = 256
fft = 1024
centred = true
spectrum = "power"
mel_scale = "slaney"
bands = 96
low_hz = 0.0
high_hz = 8000.0
slopes = "hz"
normalisation = "unit-area"
log = "log10"
multiply = 10000.0
add = 1.0
mean = 0.0
divisor = 1.0

[patch]
frames = 187
hop = 93
cut_by = "graph"
batch = 4
fixed_batch = 0

[tensors]
input = "melspectrogram"
embeddings = "embeddings"
activations = "activations"

[embedding]
dimension = 200

[activations]
kind = "sigmoid"
labels = ["rock", "pop"]
)";
}

std::string head_toml() {
  return std::string(R"(format = 1
name = "danceability-discogs-effnet"
task = "embed"
family = "embedding-head"
licence = "CC-BY-NC-SA-4.0"

[[files]]
role = "graph"
path = "graphs/model.onnx"
bytes = 514101
sha256 = ")") +
         kHash + R"("

[extractor]
name = "discogs-effnet"
dimension = 1280

[tensors]
input = "embeddings"
activations = "activations"

[activations]
kind = "softmax"
labels = ["danceable", "not \"danceable\""]
)";
}

fs::path write_extractor(const fs::path& parent, const std::string& name, std::size_t dimension) {
  model::Manifest manifest = model::parse_manifest(extractor_toml(), "sample");
  manifest.embedding_dimension = dimension;
  return write_model(parent, manifest, name);
}

fs::path write_head(const fs::path& parent, const std::string& name, const std::string& extractor,
                    std::size_t dimension) {
  model::Manifest manifest = model::parse_manifest(head_toml(), "sample");
  manifest.extractor = model::ExtractorReference{extractor, dimension};
  return write_model(parent, manifest, name);
}

nlohmann::json effnet_metadata() {
  return nlohmann::json::parse(R"({
    "name": "Discogs-EffNet", "type": "feature extractor", "version": "1",
    "link": "https://essentia.upf.edu/models/feature-extractors/discogs-effnet/discogs-effnet-bs64-1.pb",
    "description": "Styles of Discogs", "classes": ["Blues---Boogie Woogie", "Pop---Yé-Yé"],
    "schema": {
      "inputs": [{"name": "serving_default_melspectrogram", "type": "float", "shape": [64, 128, 96]}],
      "outputs": [
        {"name": "PartitionedCall:0", "type": "float", "shape": [64, 2], "op": "Sigmoid",
         "output_purpose": "predictions"},
        {"name": "PartitionedCall:1", "type": "float", "shape": [64, 1280], "op": "Flatten",
         "output_purpose": "embeddings"}]},
    "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredictEffnetDiscogs"}})");
}

nlohmann::json head_metadata() {
  return nlohmann::json::parse(R"({
    "name": "danceability", "type": "classifier", "version": "1",
    "link": "https://essentia.upf.edu/models/classification-heads/danceability/danceability-discogs-effnet-1.pb",
    "classes": ["danceable", "not_danceable"],
    "schema": {
      "inputs": [{"name": "model/Placeholder", "type": "float", "shape": [1280]}],
      "outputs": [{"name": "model/Softmax", "type": "float", "shape": [2], "op": "Softmax",
                   "output_purpose": "predictions"}]},
    "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredict2D",
                  "embedding_model": {"algorithm": "TensorflowPredictEffnetDiscogs",
                                      "model_name": "discogs-effnet-bs64-1", "link": "stale.pb"}}})");
}

}  // namespace vivace::test
