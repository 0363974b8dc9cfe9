#include "tasks/separate/graph_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "tasks/separate/mdx_table.hpp"
#include "vivace/error.hpp"

namespace vivace::separate {
namespace {

constexpr std::streamoff kTailBytes = std::streamoff{10'000} * 1024;
constexpr std::size_t kMdxZeroedBins = 3;
constexpr std::size_t kMdxHop = 1024;
constexpr std::size_t kMdxFrames = 256;  // where the graph takes any
constexpr int kSampleRate = 44100;

using Shape = std::vector<std::int64_t>;

std::optional<Shape> shape_of_rank(const std::vector<runtime::TensorInfo>& tensors, std::size_t rank) {
  const auto found = std::ranges::find_if(tensors, [&](const auto& tensor) { return tensor.shape.size() == rank; });
  if (found == tensors.end()) return std::nullopt;
  return found->shape;
}

std::vector<std::string> demucs_stems(std::int64_t count) {
  if (count == 4) return {"drums", "bass", "other", "vocals"};
  if (count == 6) return {"drums", "bass", "other", "vocals", "guitar", "piano"};
  return {};
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorCode::model_mismatch, file.string(),
              why +
                  "; known without a manifest are HTDemucs with 4 or 6 stems, Spleeter with 2, and MDX-Net files of "
                  "Ultimate Vocal Remover; for others write a model.toml (docs/models.md)");
}

/// The bytes at the end of a file, all of a smaller one.
std::string tail_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = stream.tellg();
  const std::streamoff length = std::min<std::streamoff>(size, kTailBytes);
  std::string tail(static_cast<std::size_t>(std::max<std::streamoff>(length, 0)), '\0');
  stream.seekg(size - length).read(tail.data(), length);
  if (!stream) throw Error(ErrorCode::unavailable, file.string(), "cannot be read");
  return tail;
}

void be_mdx(model::Manifest& manifest, const std::filesystem::path& file, const Shape& input) {
  const std::string identity = base::md5(tail_of(file));
  const std::optional<MdxFacts> facts = find_mdx_facts(identity);
  if (!facts) fail(file, fmt::format("looks like MDX-Net, but is no known file (MD5 of its end {})", identity));
  if (input[2] != static_cast<std::int64_t>(facts->bins)) fail(file, "has other bins than its identity says");
  manifest.family = model::kMdx;
  manifest.separation = model::Separation{{facts->primary_stem, rest_of(facts->primary_stem)}, facts->compensate, {}};
  const std::size_t frames = input[3] > 0 ? static_cast<std::size_t>(input[3]) : kMdxFrames;
  manifest.spectrum = model::Spectrum{facts->fft, kMdxHop, facts->bins, frames, kMdxZeroedBins};
}

void be_spleeter(model::Manifest& manifest) {
  manifest.family = model::kSpectralMask;
  manifest.separation = model::Separation{{"vocals", "accompaniment"}, 1, {}};
  manifest.spectrum = model::Spectrum{4096, 1024, 1024, 512, 0};
}

void recognise(model::Manifest& manifest, const std::filesystem::path& file, const runtime::Session& session) {
  const auto wave = shape_of_rank(session.inputs(), 3);
  const auto spectra = shape_of_rank(session.inputs(), 4);
  const auto stems = shape_of_rank(session.outputs(), 4);
  const auto stem_spectra = shape_of_rank(session.outputs(), 5);
  if (wave && stems && (*wave)[1] == 2) {
    const std::vector<std::string> names = demucs_stems((*stems)[1]);
    if (names.empty()) fail(file, fmt::format("has {} stems", (*stems)[1]));
    manifest.family = model::kHtdemucs;
    manifest.separation = model::Separation{names, 1, {}};
  } else if (!wave && spectra && stems && (*spectra)[1] == 4) {
    be_mdx(manifest, file, *spectra);
  } else if (!wave && spectra && stem_spectra && (*spectra)[1] == 2 && (*stem_spectra)[1] == 2 &&
             (*spectra)[2] == 512 && (*spectra)[3] == 1024) {
    be_spleeter(manifest);
  } else {
    fail(file, "is no graph of a known kind");
  }
}

}  // namespace

model::Manifest recognise_graph(const std::filesystem::path& file, const runtime::Session& session) {
  model::Manifest manifest;
  manifest.name = base::to_valid_utf8(file.stem().string());
  manifest.task = model::kSeparateTask;
  manifest.licence = "unknown";
  manifest.source = file.string();
  manifest.audio = model::AudioInput{kSampleRate, "soxr-hq"};
  recognise(manifest, file, session);
  std::error_code status;
  manifest.files = {
      {"graph", file.filename().string(), std::filesystem::file_size(file, status), base::sha256_of_file(file)}};
  return manifest;
}

}  // namespace vivace::separate
