#include "model/manifest.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cctype>
#include <limits>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "model/toml_table.hpp"
#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

constexpr std::size_t kLargestManifest = std::size_t{4} << 20;
constexpr std::uint64_t kFormat = 1;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 40;
constexpr std::uint64_t kLargestWindow = 65536;
constexpr std::uint64_t kLargestPatch = 100000;
constexpr std::uint64_t kLargestDimension = 1 << 20;
constexpr double kLargestFactor = 1e12;
constexpr double kSmallestFactor = 1e-12;

const std::string kMelPatch = "mel-patch";
const std::string kEmbeddingHead = "embedding-head";

bool is_inside_folder(const std::filesystem::path& path) {
  if (path.empty() || path.is_absolute() || !path.has_filename()) return false;
  return std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".." || part == "."; });
}

std::string file_path(TableReader& table) {
  std::string path = table.text("path");
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '\\'; };
  if (!is_inside_folder(path) || std::any_of(path.begin(), path.end(), is_control) || path == kManifestFile) {
    table.fail("path", fmt::format("is {}; it must be relative and lead to a file inside the folder", in_quotes(path)));
  }
  return path;
}

ModelFile read_file_entry(TableReader table) {
  ModelFile file;
  file.role = table.text("role");
  file.path = file_path(table);
  file.bytes = table.whole("bytes", 1, kLargestFile);
  file.sha256 = table.text("sha256");
  if (!base::is_sha256(file.sha256)) table.fail("sha256", "must be 64 lower-case hexadecimal digits");
  table.finish();
  return file;
}

std::vector<ModelFile> read_files(TableReader& document) {
  std::vector<ModelFile> files;
  std::set<std::string> paths;
  std::set<std::string> roles;
  for (TableReader& table : document.tables("files")) {
    ModelFile file = read_file_entry(table);
    if (!paths.insert(file.path).second) table.fail("path", fmt::format("{} is named twice", in_quotes(file.path)));
    if (!roles.insert(file.role).second) table.fail("role", fmt::format("{} is given twice", in_quotes(file.role)));
    files.push_back(std::move(file));
  }
  if (!roles.contains("graph")) document.fail("files", "must have one file with role = \"graph\"");
  return files;
}

/// A section that the model's family needs.
TableReader needed_section(TableReader& document, std::string_view key, const std::string& family) {
  auto section = document.table(key);
  if (!section) document.fail(key, fmt::format("is missing; family '{}' needs this section", family));
  return *std::move(section);
}

AudioInput read_audio(TableReader table) {
  AudioInput audio;
  audio.sample_rate = static_cast<int>(table.whole("sample_rate", 1000, 192000));
  audio.resampler = table.choice("resampler", {"linear", "sinc-medium", "soxr-hq"});
  table.finish();
  return audio;
}

FrontEnd read_front_end(TableReader table, int sample_rate) {
  FrontEnd front_end;
  front_end.type = table.choice("type", {"log-mel"});
  front_end.window = table.choice("window", {"hann-symmetric", "hann-periodic"});
  front_end.frame = table.whole("frame", 1, kLargestWindow);
  front_end.hop = table.whole("hop", 1, front_end.frame);
  front_end.fft = table.whole("fft", front_end.frame, kLargestWindow);
  if (front_end.fft % 2 != 0) table.fail("fft", "must be even; the frame is padded with zeros up to it");
  front_end.centred = table.flag("centred");
  front_end.spectrum = table.choice("spectrum", {"power", "magnitude"});
  front_end.mel_scale = table.choice("mel_scale", {"slaney", "htk"});
  front_end.bands = table.whole("bands", 1, 1024);
  front_end.high_hz = table.number("high_hz", 1, sample_rate / 2.0);
  front_end.low_hz = table.number("low_hz", 0, front_end.high_hz - 1);
  front_end.slopes = table.choice("slopes", {"hz", "mel"});
  front_end.normalisation = table.choice("normalisation", {"unit-area", "unit-peak"});
  front_end.log = table.choice("log", {"log10", "ln"});
  front_end.multiply = table.number_or("multiply", kSmallestFactor, kLargestFactor, 1);
  front_end.add = table.number("add", kSmallestFactor, kLargestFactor);
  front_end.mean = table.number_or("mean", -kLargestFactor, kLargestFactor, 0);
  front_end.divisor = table.number_or("divisor", kSmallestFactor, kLargestFactor, 1);
  table.finish();
  return front_end;
}

Patching read_patch(TableReader table) {
  Patching patch;
  patch.frames = table.whole("frames", 1, kLargestPatch);
  patch.hop = table.whole("hop", 1, patch.frames);
  patch.cut_by = table.choice_or("cut_by", {"host", "graph"}, "host");
  patch.batch = table.whole("batch", 1, kLargestBatch);
  patch.fixed_batch = table.whole_or("fixed_batch", 0, kLargestBatch, 0);
  if (patch.fixed_batch > 0 && patch.cut_by == "graph") {
    table.fail("fixed_batch", "must be 0 where the graph cuts the patches");
  }
  patch.pooling = table.choice_or("pooling", {"mean"}, "mean");
  patch.essentia_rows = table.choice_or("essentia_rows", {"all", "without-last-frame"}, "all");
  table.finish();
  return patch;
}

TensorRoles read_tensors(TableReader table, bool with_embeddings) {
  TensorRoles tensors;
  tensors.input = table.text("input");
  if (with_embeddings) tensors.embeddings = table.text_or("embeddings", "");
  tensors.activations = table.text_or("activations", "");
  if (tensors.embeddings.empty() && tensors.activations.empty()) {
    table.fail("activations", with_embeddings ? "and embeddings are both missing; name at least one" : "is missing");
  }
  if (tensors.embeddings == tensors.activations) table.fail("activations", "is the same tensor as embeddings");
  table.finish();
  return tensors;
}

std::size_t read_embedding_dimension(TableReader table) {
  const std::size_t dimension = table.whole("dimension", 1, kLargestDimension);
  table.finish();
  return dimension;
}

Activations read_activations(TableReader table) {
  Activations activations;
  activations.kind = table.choice("kind", {"sigmoid", "softmax", "regression"});
  activations.labels = table.distinct_texts("labels");
  table.finish();
  return activations;
}

ExtractorReference read_extractor(TableReader table) {
  ExtractorReference extractor;
  extractor.name = table.text("name");
  if (!is_model_name(extractor.name)) table.fail("name", fmt::format("{} is no model name", in_quotes(extractor.name)));
  extractor.dimension = table.whole("dimension", 1, kLargestDimension);
  table.finish();
  return extractor;
}

double read_least_cosine(TableReader table) {
  const double least = table.number("least_cosine", 0, 1);
  table.finish();
  return least;
}

void read_identity(TableReader& document, Manifest& manifest) {
  document.whole("format", kFormat, kFormat);
  manifest.name = document.text("name");
  if (!is_model_name(manifest.name)) {
    document.fail("name", fmt::format("is {}; it must be letters, digits, '-', '_' and '.', at most 100, the first a "
                                      "letter or digit",
                                      in_quotes(manifest.name)));
  }
  manifest.task = document.choice("task", {kEmbedTask, kSeparateTask});
  manifest.family = manifest.task == kEmbedTask ? document.choice("family", {kMelPatch, kEmbeddingHead})
                                                : document.choice("family", {kSpectralMask, kHtdemucs, kMdx});
  manifest.version = document.text_or("version", "");
  manifest.description = document.text_or("description", "");
  manifest.licence = document.text("licence");
  manifest.licence_url = document.text_or("licence_url", "");
  manifest.source = document.text_or("source", "");
}

void read_extractor_sections(TableReader& document, Manifest& manifest) {
  manifest.audio = read_audio(needed_section(document, "audio", manifest.family));
  manifest.front_end =
      read_front_end(needed_section(document, "front_end", manifest.family), manifest.audio->sample_rate);
  manifest.patch = read_patch(needed_section(document, "patch", manifest.family));
  manifest.tensors = read_tensors(needed_section(document, "tensors", manifest.family), true);
  if (!manifest.tensors.embeddings.empty()) {
    manifest.embedding_dimension = read_embedding_dimension(needed_section(document, "embedding", manifest.family));
  }
}

void read_head_sections(TableReader& document, Manifest& manifest) {
  manifest.extractor = read_extractor(needed_section(document, "extractor", manifest.family));
  manifest.tensors = read_tensors(needed_section(document, "tensors", manifest.family), false);
}

void read_separator_sections(TableReader& document, Manifest& manifest) {
  manifest.audio = read_audio(needed_section(document, "audio", manifest.family));
  manifest.separation = read_separation(needed_section(document, "separation", manifest.family));
  if (manifest.family != kHtdemucs) {
    manifest.spectrum = read_spectrum(needed_section(document, "spectrum", manifest.family));
    return;
  }
  manifest.separation->bag = read_bag(document, manifest.separation->stems.size());
  for (const BagMember& member : manifest.separation->bag) {
    const auto has_role = [&](const ModelFile& file) { return file.role == member.role; };
    if (std::ranges::none_of(manifest.files, has_role)) {
      document.fail("bag", fmt::format("names the role {}, which no file has", in_quotes(member.role)));
    }
  }
}

Manifest read_document(TableReader document) {
  Manifest manifest;
  read_identity(document, manifest);
  manifest.files = read_files(document);
  if (is_separator(manifest)) {
    read_separator_sections(document, manifest);
  } else if (is_head(manifest)) {
    read_head_sections(document, manifest);
  } else {
    read_extractor_sections(document, manifest);
  }
  if (!manifest.tensors.activations.empty()) {
    manifest.activations = read_activations(needed_section(document, "activations", manifest.family));
  }
  if (auto precision = document.table("precision")) manifest.least_cosine = read_least_cosine(*precision);
  document.finish();
  return manifest;
}

toml::table parse_toml(const std::string& text, const std::string& origin) {
  try {
    return toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorCode::model_mismatch, origin,
                fmt::format("line {}: not TOML: {}", error.source().begin.line, error.description()));
  }
}

}  // namespace

const ModelFile& Manifest::file(const std::string& role) const {
  const auto found = std::find_if(files.begin(), files.end(), [&](const ModelFile& f) { return f.role == role; });
  if (found == files.end()) {
    throw Error(ErrorCode::model_mismatch, fmt::format("model '{}'", name),
                fmt::format("its manifest names no file with role '{}'", role));
  }
  return *found;
}

bool is_extractor(const Manifest& manifest) { return manifest.family == kMelPatch; }

bool is_head(const Manifest& manifest) { return manifest.family == kEmbeddingHead; }

bool is_separator(const Manifest& manifest) { return manifest.task == kSeparateTask; }

bool is_model_name(std::string_view name) {
  const auto is_plain = [](unsigned char c) { return c < 0x80 && std::isalnum(c) != 0; };
  const auto may_stand = [&](char c) {
    return is_plain(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 100 && is_plain(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), may_stand);
}

Manifest parse_manifest(const std::string& text, const std::string& origin) {
  if (text.size() > kLargestManifest) {
    throw Error(ErrorCode::model_mismatch, origin, fmt::format("is larger than {} bytes", kLargestManifest));
  }
  const toml::table table = parse_toml(text, origin);
  return read_document(TableReader(table, origin, ""));
}

Manifest read_manifest(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kManifestFile;
  return parse_manifest(base::read_file(path, kLargestManifest), path.string());
}

}  // namespace vivace::model
