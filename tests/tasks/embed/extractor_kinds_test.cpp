// Every kind of extractor that can be imported, with graphs whose outputs are the mean of each patch.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "model/essentia_import.hpp"
#include "model/essentia_recipe.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "tasks/embed/mel_frontend.hpp"
#include "vivace/embed.hpp"

namespace vivace::embed {
namespace {

struct Kind {
  std::string algorithm;
  std::vector<std::int64_t> input;   ///< [batch, frames, bands] of the graph
  std::vector<std::string> outputs;  ///< "embeddings", "activations"
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << kind.algorithm << " with batch " << kind.input[0] << " and " << kind.outputs.size() << " outputs";
}

class ExtractorKind : public ::testing::TestWithParam<Kind> {
 protected:
  /// The folder of an imported model.
  std::string import_model() const {
    const Kind& kind = GetParam();
    nlohmann::json metadata{{"classes", {"rock", "pop"}}, {"inference", {{"algorithm", kind.algorithm}}}};
    std::vector<test::GraphTensor> outputs;
    for (const std::string& name : kind.outputs) {
      outputs.push_back({name, {kind.input[0], name == "activations" ? 2 : 3}});
      const char* purpose = name == "activations" ? "predictions" : "embeddings";
      metadata["schema"]["outputs"].push_back({{"name", name}, {"op", "Sigmoid"}, {"output_purpose", purpose}});
    }
    test::write_text(folder_ / "a.onnx", test::tiny_graph({"melspectrogram", kind.input}, outputs));
    test::write_text(folder_ / "a.json", metadata.dump());
    return model::stage_essentia(folder_ / "a.onnx", folder_ / "a.json", folder_ / "models").folder.string();
  }

  /// The mean of the features of every patch, by the definition.
  std::vector<double> patch_means(const std::vector<float>& samples) const {
    const auto recipe = model::essentia_recipe(GetParam().algorithm);
    MelFrontEnd front_end(recipe.front_end, 16000);
    std::vector<float> frames;
    front_end.push(samples, frames);
    front_end.finish(frames);
    const auto length = static_cast<std::size_t>(GetParam().input[1] * GetParam().input[2]);
    const std::size_t hop_frames =
        recipe.frames_from_graph ? static_cast<std::size_t>(GetParam().input[1] - 1) : recipe.patch.hop;
    std::vector<double> means;
    for (std::size_t at = 0; at + length <= frames.size(); at += hop_frames * front_end.bands()) {
      const auto patch = std::span(frames).subspan(at, length);
      means.push_back(std::accumulate(patch.begin(), patch.end(), 0.0) / static_cast<double>(length));
    }
    return means;
  }

  test::TemporaryFolder folder_;
};

TEST_P(ExtractorKind, GivesOneRowForEveryPatch) {
  EmbedOptions options;
  options.model = import_model();
  const Embedder embedder(options);
  for (const std::size_t seconds : {11, 17, 30}) {
    SCOPED_TRACE(seconds);
    const std::vector<float> samples = test::scrambled(seconds * 16000);
    const std::vector<double> means = patch_means(samples);
    const Embedding track = embedder.embed(samples, 16000);
    ASSERT_GT(track.rows, 0U);
    ASSERT_EQ(track.rows, means.size());
    for (const std::string& name : GetParam().outputs) {
      const auto& values = name == "activations" ? track.activations : track.embeddings;
      const std::size_t width = values.size() / track.rows;
      ASSERT_EQ(width, name == "activations" ? 2U : 3U);
      for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], means[i / width], 1e-4) << name << i;
    }
  }
}

class FixedBatch : public ExtractorKind {};

TEST_P(FixedBatch, ThatTheManifestOrTheOptionsDenyIsRefused) {
  EmbedOptions options;
  options.model = import_model();
  options.batch = 5;
  test::expect_error(ErrorCode::invalid_argument, [&] { Embedder{options}; });

  options.batch = 0;
  const std::filesystem::path manifest = std::filesystem::path(options.model) / model::kManifestFile;
  std::string text = test::read_text(manifest);
  const std::string said = "fixed_batch = 16";
  text.replace(text.find(said), said.size(), "fixed_batch = 0");
  test::write_text(manifest, text);
  test::expect_contains(test::expect_error(ErrorCode::model_mismatch, [&] { Embedder{options}; }), said);
}

const std::vector<std::string> kBoth{"embeddings", "activations"};

INSTANTIATE_TEST_SUITE_P(Imported, ExtractorKind,
                         ::testing::Values(Kind{"TensorflowPredictEffnetDiscogs", {-1, 128, 96}, kBoth},
                                           Kind{"TensorflowPredictEffnetDiscogs", {16, 128, 96}, kBoth},
                                           Kind{"TensorflowPredictEffnetDiscogs", {64, 128, 96}, {"embeddings"}},
                                           Kind{"TensorflowPredictEffnetDiscogs", {1, 128, 96}, {"activations"}},
                                           Kind{"TensorflowPredictMusiCNN", {-1, 187, 96}, {"activations"}},
                                           Kind{"TensorflowPredictVGGish", {-1, 96, 64}, {"embeddings"}},
                                           Kind{"TensorflowPredictMAEST", {-1, 626, 96}, kBoth}));

INSTANTIATE_TEST_SUITE_P(Imported, FixedBatch,
                         ::testing::Values(Kind{"TensorflowPredictEffnetDiscogs", {16, 128, 96}, kBoth}));

}  // namespace
}  // namespace vivace::embed
