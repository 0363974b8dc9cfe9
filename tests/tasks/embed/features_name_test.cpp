#include "tasks/embed/features_name.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vivace::embed {
namespace {

model::Manifest extractor() {
  model::Manifest manifest;
  manifest.audio = model::AudioInput{16000, "linear"};
  manifest.front_end = model::FrontEnd{};
  manifest.patch = model::Patching{};
  manifest.patch->frames = 187;
  manifest.patch->hop = 93;
  return manifest;
}

TEST(FeaturesName, SaysTheMostImportantInWords) {
  const std::string name = features_name(extractor(), false);
  EXPECT_TRUE(name.starts_with("log-mel 96 bands 512/256 at 16000 Hz, patches 187/93 #")) << name;
}

TEST(FeaturesName, DiffersWithEverySettingThatChangesVectors) {
  std::set<std::string> names{features_name(extractor(), false), features_name(extractor(), true)};
  const auto add = [&](auto&& change) {
    model::Manifest changed = extractor();
    change(changed);
    names.insert(features_name(changed, false));
  };
  add([](model::Manifest& m) { m.audio->resampler = "soxr-hq"; });
  add([](model::Manifest& m) { m.front_end->window = "hann-periodic"; });
  add([](model::Manifest& m) { m.front_end->mel_scale = "htk"; });
  add([](model::Manifest& m) { m.front_end->multiply = 10000; });
  add([](model::Manifest& m) { m.front_end->divisor = 2.5; });
  add([](model::Manifest& m) { m.patch->hop = 94; });
  EXPECT_EQ(names.size(), 8U);
}

TEST(FeaturesName, IsTheSameWhateverTheBatch) {
  model::Manifest other = extractor();
  other.patch->batch = 16;
  other.patch->cut_by = "graph";
  other.name = "other";
  EXPECT_EQ(features_name(other, false), features_name(extractor(), false));
}

}  // namespace
}  // namespace vivace::embed
