#include "model/manifest.hpp"
#include "model/manifest_lines.hpp"

namespace vivace::model {
namespace {

std::string identity_text(const Manifest& manifest) {
  return count_line("format", 1) + text_line("name", manifest.name) + text_line("task", manifest.task) +
         text_line("family", manifest.family) + text_line("version", manifest.version) +
         text_line("description", manifest.description) + text_line("licence", manifest.licence) +
         text_line("licence_url", manifest.licence_url) + text_line("source", manifest.source);
}

std::string file_text(const ModelFile& file) {
  return "\n[[files]]\n" + text_line("role", file.role) + text_line("path", file.path) +
         count_line("bytes", file.bytes) + text_line("sha256", file.sha256);
}

std::string audio_text(const AudioInput& audio) {
  return "\n[audio]\n" + count_line("sample_rate", static_cast<std::uint64_t>(audio.sample_rate)) +
         text_line("resampler", audio.resampler);
}

std::string front_end_text(const FrontEnd& front_end) {
  return "\n[front_end]\n" + text_line("type", front_end.type) + text_line("window", front_end.window) +
         count_line("frame", front_end.frame) + count_line("hop", front_end.hop) + count_line("fft", front_end.fft) +
         flag_line("centred", front_end.centred) + text_line("spectrum", front_end.spectrum) +
         text_line("mel_scale", front_end.mel_scale) + count_line("bands", front_end.bands) +
         real_line("low_hz", front_end.low_hz) + real_line("high_hz", front_end.high_hz) +
         text_line("slopes", front_end.slopes) + text_line("normalisation", front_end.normalisation) +
         text_line("log", front_end.log) + real_line("multiply", front_end.multiply) + real_line("add", front_end.add) +
         real_line("mean", front_end.mean) + real_line("divisor", front_end.divisor);
}

std::string patch_text(const Patching& patch) {
  return "\n[patch]\n" + count_line("frames", patch.frames) + count_line("hop", patch.hop) +
         text_line("cut_by", patch.cut_by) + count_line("batch", patch.batch) +
         count_line("fixed_batch", patch.fixed_batch) + text_line("pooling", patch.pooling) +
         text_line("essentia_rows", patch.essentia_rows);
}

std::string extractor_text(const ExtractorReference& extractor) {
  return "\n[extractor]\n" + text_line("name", extractor.name) + count_line("dimension", extractor.dimension);
}

std::string tensors_text(const TensorRoles& tensors) {
  std::string text = "\n[tensors]\n" + text_line("input", tensors.input);
  if (!tensors.embeddings.empty()) text += text_line("embeddings", tensors.embeddings);
  if (!tensors.activations.empty()) text += text_line("activations", tensors.activations);
  return text;
}

std::string activations_text(const Activations& activations) {
  return "\n[activations]\n" + text_line("kind", activations.kind) + texts_line("labels", activations.labels);
}

}  // namespace

std::string to_toml(const Manifest& manifest) {
  std::string text = identity_text(manifest);
  for (const ModelFile& file : manifest.files) text += file_text(file);
  if (manifest.audio) text += audio_text(*manifest.audio);
  if (manifest.front_end) text += front_end_text(*manifest.front_end);
  if (manifest.patch) text += patch_text(*manifest.patch);
  if (manifest.extractor) text += extractor_text(*manifest.extractor);
  if (manifest.spectrum) text += to_toml(*manifest.spectrum);
  if (manifest.separation) text += to_toml(*manifest.separation);
  if (!manifest.separation) text += tensors_text(manifest.tensors);
  if (!manifest.tensors.embeddings.empty()) {
    text += "\n[embedding]\n" + count_line("dimension", manifest.embedding_dimension);
  }
  if (manifest.activations) text += activations_text(*manifest.activations);
  if (manifest.least_cosine) text += "\n[precision]\n" + real_line("least_cosine", *manifest.least_cosine);
  return text;
}

}  // namespace vivace::model
