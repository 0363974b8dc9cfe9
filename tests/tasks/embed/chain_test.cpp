// An extractor with heads, with graphs whose outputs are the mean of each row of their input.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/essentia_import.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/embed.hpp"

namespace vivace {
namespace {

using Labels = std::vector<std::string>;

class Chain : public ::testing::Test {
 protected:
  Chain() {
    install("tiny", {{"algorithm", "TensorflowPredictMusiCNN"}}, {"melspectrogram", {-1, 187, 96}},
            {{"embeddings", {-1, 3}}, {"activations", {-1, 2}}}, {"rock", "pop"});
    install_head("mood-tiny", {"happy", "sad"});
    install_head("party-tiny", {"sad", "party", "rock"});
  }

  Embedding embed(const std::string& chain) const {
    EmbedOptions options;
    options.model = chain;
    return Embedder(options).embed(test::scrambled(10 * 16000), 16000);
  }

 private:
  void install_head(const std::string& name, const Labels& labels) const {
    install(name, {{"algorithm", "TensorflowPredict2D"}, {"embedding_model", {{"model_name", "tiny"}}}},
            {"embeddings", {-1, 3}}, {{"activations", {-1, static_cast<std::int64_t>(labels.size())}}}, labels);
  }

  void install(const std::string& name, const nlohmann::json& inference, const test::GraphTensor& input,
               const std::vector<test::GraphTensor>& outputs, const Labels& labels) const {
    const nlohmann::json activations{{"name", "activations"}, {"op", "Sigmoid"}, {"output_purpose", "predictions"}};
    const nlohmann::json metadata{
        {"classes", labels}, {"inference", inference}, {"schema", {{"outputs", nlohmann::json::array({activations})}}}};
    test::write_text(folder_ / (name + ".onnx"), test::tiny_graph(input, outputs));
    test::write_text(folder_ / (name + ".json"), metadata.dump());
    model::import_essentia(store_, folder_ / (name + ".onnx"), folder_ / (name + ".json"));
  }

  test::TemporaryFolder folder_;
  std::filesystem::path root_ = folder_ / "models";
  model::Store store_{{root_}, {root_}};
  test::ScopedEnvironment models_{"VIVACE_MODELS", root_.string()};
};

Labels names(const std::vector<Tag>& tags) {
  Labels names;
  for (const Tag& tag : tags) names.push_back(tag.name);
  return names;
}

TEST_F(Chain, LabelsThatAreTakenGetTheNameOfTheirHead) {
  EXPECT_EQ(names(embed("tiny").tags), (Labels{"rock", "pop"}));
  EXPECT_EQ(names(embed("tiny+mood").tags), (Labels{"rock", "pop", "happy", "sad"}));
  EXPECT_EQ(names(embed("tiny+mood+party").tags),
            (Labels{"rock", "pop", "happy", "sad", "party-tiny/sad", "party", "party-tiny/rock"}));
}

TEST_F(Chain, HeadsRunOnEveryRow) {
  const Embedding alone = embed("tiny");
  const Embedding chain = embed("tiny+mood+party");
  ASSERT_GT(chain.rows, 1U);
  EXPECT_EQ(chain.embeddings, alone.embeddings);
  ASSERT_EQ(chain.activations.size(), chain.rows * 7);
  for (std::size_t i = 0; i < chain.activations.size(); ++i) {
    EXPECT_NEAR(chain.activations[i], chain.embeddings[i / 7 * 3], 1e-6) << "row " << i / 7 << " label " << i % 7;
  }
}

}  // namespace
}  // namespace vivace
