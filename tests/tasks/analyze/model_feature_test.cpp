#include "tasks/analyze/model_feature.hpp"

#include <gtest/gtest.h>

#include "support/files.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"
#include "tasks/analyze/analyzer.hpp"

namespace vivace::analyze {
namespace {

TEST(ModelFeature, SaysWhatTheEmbedderSays) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "tones.wav", test::float_wav(1, test::two_tones(44100 * 8)));
  const auto embedder = std::make_shared<const Embedder>(EmbedOptions{.model = "msd-musicnn"});
  const Embedding expected = embedder->embed_file(folder / "tones.wav");

  const FeatureInfo info = model_feature(embedder);
  AnalyzerOptions options;
  options.features = {&info};
  options.feature.curves = true;
  const Analysis analysis = analyze_file(folder / "tones.wav", options);
  const auto& fields = analysis.findings.front().fields;
  EXPECT_EQ(std::get<std::vector<float>>(fields[0].value), expected.mean);
  const auto& tags = std::get<records::NamedNumbers>(fields[1].value);
  ASSERT_EQ(tags.size(), expected.tags.size());
  EXPECT_EQ(tags.front(), (std::pair{expected.tags.front().name, expected.tags.front().value}));
  EXPECT_EQ(std::get<std::int64_t>(fields[2].value), static_cast<std::int64_t>(expected.rows));
  ASSERT_EQ(analysis.findings.front().curves.size(), 1U);
  EXPECT_EQ(analysis.findings.front().curves.front().values, expected.activations);
}

TEST(ModelFeature, OfAShortTrackGivesTheReason) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "short.wav", test::float_wav(1, test::two_tones(4410)));
  const FeatureInfo info = model_feature(std::make_shared<const Embedder>());
  AnalyzerOptions options;
  options.features = {&info};
  const Analysis analysis = analyze_file(folder / "short.wav", options);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(analysis.findings.front().fields[0].value));
  EXPECT_NE(analysis.findings.front().fields[0].reason.find("shorter than one patch"), std::string::npos);
}

}  // namespace
}  // namespace vivace::analyze
