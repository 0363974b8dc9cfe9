#include <fmt/format.h>

#include "model/manifest.hpp"

namespace vivace::model {
namespace {

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += fmt::format("\\{}", c);
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\u{:04X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

/// Shortest digits that read back as the same double.
std::string real(double value) {
  std::string digits = fmt::format("{}", value);
  return digits.find_first_of(".e") == std::string::npos ? digits + ".0" : digits;
}

std::string line(std::string_view key, const std::string& value) { return fmt::format("{} = {}\n", key, value); }
std::string text_line(std::string_view key, std::string_view value) { return line(key, quote(value)); }
std::string number_line(std::string_view key, double value) { return line(key, fmt::format("{}", value)); }
std::string count_line(std::string_view key, std::uint64_t value) { return line(key, fmt::format("{}", value)); }

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
  return "\n[audio]\n" + line("sample_rate", fmt::format("{}", audio.sample_rate)) +
         text_line("resampler", audio.resampler);
}

std::string front_end_text(const FrontEnd& front_end) {
  return "\n[front_end]\n" + text_line("type", front_end.type) + text_line("window", front_end.window) +
         count_line("frame", front_end.frame) + count_line("hop", front_end.hop) + count_line("fft", front_end.fft) +
         line("centred", front_end.centred ? "true" : "false") + text_line("spectrum", front_end.spectrum) +
         text_line("mel_scale", front_end.mel_scale) + count_line("bands", front_end.bands) +
         line("low_hz", real(front_end.low_hz)) + line("high_hz", real(front_end.high_hz)) +
         text_line("slopes", front_end.slopes) + text_line("normalisation", front_end.normalisation) +
         text_line("log", front_end.log) + line("multiply", real(front_end.multiply)) +
         line("add", real(front_end.add)) + line("mean", real(front_end.mean)) +
         line("divisor", real(front_end.divisor));
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
  std::string text = "\n[activations]\n" + text_line("kind", activations.kind) + "labels = [\n";
  for (const std::string& label : activations.labels) text += "  " + quote(label) + ",\n";
  return text + "]\n";
}

}  // namespace

std::string to_toml(const Manifest& manifest) {
  std::string text = identity_text(manifest);
  for (const ModelFile& file : manifest.files) text += file_text(file);
  if (manifest.audio) text += audio_text(*manifest.audio);
  if (manifest.front_end) text += front_end_text(*manifest.front_end);
  if (manifest.patch) text += patch_text(*manifest.patch);
  if (manifest.extractor) text += extractor_text(*manifest.extractor);
  text += tensors_text(manifest.tensors);
  if (!manifest.tensors.embeddings.empty()) {
    text += "\n[embedding]\n" + count_line("dimension", manifest.embedding_dimension);
  }
  if (manifest.activations) text += activations_text(*manifest.activations);
  if (manifest.least_cosine) text += "\n[precision]\n" + number_line("least_cosine", *manifest.least_cosine);
  return text;
}

}  // namespace vivace::model
