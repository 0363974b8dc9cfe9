#include "tasks/separate/stem_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "dsp/magnitude.hpp"
#include "vivace/error.hpp"

namespace vivace::separate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStereoChannels = 2;
// Left below full scale, as a rate filter and a lossy encoder overshoot a little.
constexpr double kHeadroom = 1.01;

using Names = std::vector<std::pair<std::string, std::string>>;

std::string filled(std::string pattern, const Names& names) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    const std::size_t close = pattern.find('}', open);
    text += pattern.substr(0, open);
    if (open == std::string::npos) return text;
    const std::string key = close == std::string::npos ? "" : pattern.substr(open + 1, close - open - 1);
    const auto found = std::ranges::find(names, key, &Names::value_type::first);
    if (found == names.end()) {
      throw Error(
          ErrorCode::invalid_argument, "names",
          fmt::format("'{{{}}}' is none of {{track}}, {{name}}, {{trackext}}, {{stem}}, {{model}}, {{ext}}", key));
    }
    text += found->second;
    pattern = pattern.substr(close + 1);
  }
  return text;
}

bool leads_outside(const fs::path& path) {
  return path.empty() || path.is_absolute() || !path.has_filename() ||
         std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

/// Without what would make a stem's name more than one part of a path.
std::string one_part(std::string text) {
  std::ranges::replace(text, '/', '_');
  return text;
}

/// Whether a tag speaks of the file or of how loud the mix is, and not of the music.
bool is_of_the_mix(const std::string& tag) {
  constexpr std::array<std::string_view, 8> kNames = {"compatible_brands", "creation_time", "handler_name",
                                                      "itunnorm",          "itunsmpb",      "major_brand",
                                                      "minor_version",     "vendor_id"};
  return std::ranges::find(kNames, tag) != kNames.end() || tag.starts_with("replaygain_") || tag.starts_with("r128_");
}

media::Tags tags_of(const media::AudioStreamInfo& source, const std::string& stem, bool wanted) {
  if (!wanted) return {};
  media::Tags tags = source.tags;
  std::erase_if(tags, [](const auto& tag) { return is_of_the_mix(tag.first); });
  const auto title = std::ranges::find(tags, "title", &media::Tags::value_type::first);
  if (title != tags.end()) title->second += fmt::format(" ({})", stem);
  return tags;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::unavailable, folder.string(), "the folder cannot be made: " + error.message());
}

}  // namespace

ClipMode clip_mode(const std::string& name) {
  if (name == "rescale") return ClipMode::rescale;
  if (name == "clamp") return ClipMode::clamp;
  if (name == "none") return ClipMode::none;
  throw Error(ErrorCode::invalid_argument, fmt::format("clip mode '{}'", name), "is none of: rescale, clamp, none");
}

std::vector<fs::path> stem_paths(const StemFileOptions& options, const SeparateModelInfo& model,
                                 const fs::path& below_root) {
  const std::string extension = below_root.extension().string();
  fs::path track = below_root;
  track.replace_extension();
  std::vector<fs::path> paths;
  std::set<fs::path> seen;
  for (const std::string& stem : model.stems) {
    const fs::path path = filled(options.names, {{"track", track.string()},
                                                 {"name", track.filename().string()},
                                                 {"trackext", extension.empty() ? "" : extension.substr(1)},
                                                 {"stem", one_part(stem)},
                                                 {"model", model.name},
                                                 {"ext", std::string(media::audio_extension(options.format))}});
    if (leads_outside(path))
      throw Error(ErrorCode::invalid_argument, "names", fmt::format("'{}' leads out of the folder", path.string()));
    if (!seen.insert(path).second)
      throw Error(ErrorCode::invalid_argument, "names", "give all stems one name; use {stem}");
    paths.push_back((options.folder / path).lexically_normal());
  }
  return paths;
}

/// One stem on its way to its file: at the file's rate, then on disk, or through the encoder.
class StemWriter::Stem {
 public:
  Stem(const StemFileOptions& options, fs::path path, const media::EncoderOptions& encoder, int model_rate, bool spools)
      : path_(std::move(path)), options_(encoder) {
    make_folder(path_.parent_path());
    for (auto& resampler : resamplers_) {
      resampler = media::make_resampler(media::ResamplerKind::soxr_hq, model_rate, encoder.sample_rate);
    }
    encoder_.emplace(path_, options_);
    if (spools) spool_.emplace(options.folder);
  }

  /// Returns the largest magnitude.
  float write(std::span<const float> left, std::span<const float> right, bool clamps) {
    for (std::vector<float>& channel : resampled_) channel.clear();
    resamplers_[0]->push(left, resampled_[0]);
    resamplers_[1]->push(right, resampled_[1]);
    return pass_on(clamps);
  }

  float end(bool clamps) {
    for (std::size_t i = 0; i < kStereoChannels; ++i) {
      resampled_[i].clear();
      resamplers_[i]->finish(resampled_[i]);
    }
    return pass_on(clamps);
  }

  void finish(float factor) {
    while (spool_) {
      Spool::Block block = spool_->read();
      if (block.left.empty()) break;
      for (float& sample : block.left) sample *= factor;
      for (float& sample : block.right) sample *= factor;
      encode(block.left, block.right);
    }
    encoder_->finish();
  }

 private:
  float pass_on(bool clamps) {
    float peak = 0;
    for (std::vector<float>& channel : resampled_) {
      for (float& sample : channel) {
        if (clamps) sample = std::clamp(sample, -1.0F, 1.0F);
      }
      peak = std::max(peak, dsp::largest_magnitude(channel));
    }
    spool_ ? spool_->write(resampled_[0], resampled_[1]) : encode(resampled_[0], resampled_[1]);
    return peak;
  }

  void encode(std::span<const float> left, std::span<const float> right) {
    const std::array<std::span<const float>, kStereoChannels> channels = {left, right};
    encoder_->write(channels);
  }

  fs::path path_;
  media::EncoderOptions options_;
  std::array<std::unique_ptr<media::Resampler>, kStereoChannels> resamplers_;
  std::array<std::vector<float>, kStereoChannels> resampled_;
  std::optional<media::Encoder> encoder_;
  std::optional<Spool> spool_;
};

StemWriter::StemWriter(const StemFileOptions& options, const SeparateModelInfo& model, std::vector<fs::path> paths,
                       const media::AudioStreamInfo& source)
    : clip_(options.clip), spools_(clip_ == ClipMode::rescale && !media::holds_any_level(options.format)) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const media::EncoderOptions encoder{.format = options.format,
                                        .sample_rate = options.source_rate ? source.sample_rate : model.sample_rate,
                                        .channels = kStereoChannels,
                                        .tags = tags_of(source, model.stems[i], options.tags),
                                        .bit_rate = options.bit_rate};
    stems_.push_back(std::make_unique<Stem>(options, std::move(paths[i]), encoder, model.sample_rate, spools_));
  }
}

StemWriter::~StemWriter() = default;

void StemWriter::write(const StemStretch& stretch) {
  for (std::size_t i = 0; i < stems_.size(); ++i) {
    const bool clamps = clip_ == ClipMode::clamp;
    peak_ = std::max(peak_, stems_[i]->write(stretch.channel(i, 0), stretch.channel(i, 1), clamps));
  }
}

double StemWriter::finish() {
  for (const auto& stem : stems_) peak_ = std::max(peak_, stem->end(clip_ == ClipMode::clamp));
  const double factor = spools_ ? 1 / std::max(1.0, kHeadroom * double{peak_}) : 1;
  for (const auto& stem : stems_) stem->finish(static_cast<float>(factor));
  return factor;
}

}  // namespace vivace::separate
