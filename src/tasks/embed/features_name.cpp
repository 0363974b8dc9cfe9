#include "tasks/embed/features_name.hpp"

#include <fmt/format.h>

#include "base/sha256.hpp"

namespace vivace::embed {
namespace {

constexpr std::size_t kDigestDigits = 8;

/// The manifest with nothing but what changes vectors.
model::Manifest without_the_rest(const model::Manifest& extractor) {
  model::Manifest features;
  features.audio = extractor.audio;
  features.front_end = extractor.front_end;
  features.patch = model::Patching{};
  features.patch->frames = extractor.patch->frames;
  features.patch->hop = extractor.patch->hop;
  features.patch->pooling = extractor.patch->pooling;
  return features;
}

}  // namespace

std::string features_name(const model::Manifest& extractor, bool essentia_compatible) {
  const model::FrontEnd& front_end = *extractor.front_end;
  base::Sha256 digest;
  digest.update(model::to_toml(without_the_rest(extractor)));
  return fmt::format("{} {} bands {}/{} at {} Hz, patches {}/{} #{}{}", front_end.type, front_end.bands,
                     front_end.frame, front_end.hop, extractor.audio->sample_rate, extractor.patch->frames,
                     extractor.patch->hop, digest.finish().substr(0, kDigestDigits),
                     essentia_compatible ? " as Essentia" : "");
}

}  // namespace vivace::embed
