#include "model/essentia_roles.hpp"

#include <gtest/gtest.h>

#include "model/samples.hpp"

namespace vivace::model {
namespace {

using nlohmann::json;
using test::expect_contains;
using test::expect_error;

using Tensors = std::vector<runtime::TensorInfo>;

runtime::TensorInfo tensor(const std::string& name, std::vector<std::int64_t> shape) {
  return {name, "float32", std::move(shape)};
}

const Tensors kMelInput{tensor("melspectrogram", {-1, 128, 96})};
const Tensors kRowInput{tensor("model/Placeholder:0", {-1, 1280})};

EssentiaMetadata metadata_of(const json& root) { return parse_essentia_metadata(root.dump()); }

struct ExtractorCase {
  std::string about;
  Tensors outputs;
  std::string embeddings;
  std::string activations;
};

class ExtractorRoles : public ::testing::TestWithParam<ExtractorCase> {};

TEST_P(ExtractorRoles, AreFoundWhateverTheNames) {
  const GraphRoles roles = find_roles(metadata_of(test::effnet_metadata()), kMelInput, GetParam().outputs, {});
  EXPECT_EQ(roles.input.name, "melspectrogram");
  EXPECT_EQ(roles.embeddings ? roles.embeddings->name : "", GetParam().embeddings) << GetParam().about;
  EXPECT_EQ(roles.activations ? roles.activations->name : "", GetParam().activations) << GetParam().about;
  EXPECT_EQ(roles.activation_kind, GetParam().activations.empty() ? "" : "sigmoid");
}

INSTANTIATE_TEST_SUITE_P(
    Families, ExtractorRoles,
    ::testing::Values(ExtractorCase{"official",
                                    {tensor("activations", {-1, 2}), tensor("embeddings", {-1, 1280})},
                                    "embeddings",
                                    "activations"},
                      ExtractorCase{"official, other order",
                                    {tensor("embeddings", {-1, 1280}), tensor("activations", {-1, 2})},
                                    "embeddings",
                                    "activations"},
                      ExtractorCase{"TensorFlow",
                                    {tensor("PartitionedCall:1", {64, 1280}), tensor("PartitionedCall:0", {64, 2})},
                                    "PartitionedCall:1",
                                    "PartitionedCall:0"},
                      ExtractorCase{"TensorFlow without :0",
                                    {tensor("PartitionedCall", {64, 2}), tensor("PartitionedCall:1", {64, 1280})},
                                    "PartitionedCall:1",
                                    "PartitionedCall"},
                      ExtractorCase{"embeddings alone", {tensor("embeddings", {64, 512})}, "embeddings", ""},
                      ExtractorCase{"MusiCNN",
                                    {tensor("model/Sigmoid:0", {-1, 50}), tensor("model/dense/BiasAdd:0", {-1, 200})},
                                    "model/dense/BiasAdd:0",
                                    "model/Sigmoid:0"},
                      ExtractorCase{
                          "VGGish", {tensor("model/vggish/embeddings", {-1, 128})}, "model/vggish/embeddings", ""},
                      ExtractorCase{"known by width alone", {tensor("a", {-1, 1280}), tensor("b", {-1, 2})}, "a", "b"},
                      ExtractorCase{"three axes are no row",
                                    {tensor("embeddings", {-1, 1280}), tensor("map/embeddings", {-1, 7, 7})},
                                    "embeddings",
                                    ""}));

json head_with_outputs(const std::vector<json>& outputs) {
  json root = test::head_metadata();
  root["schema"]["outputs"] = outputs;
  return root;
}

json output(const std::string& name, const std::string& op, const std::string& purpose, const json& shape) {
  return {{"name", name}, {"op", op}, {"output_purpose", purpose}, {"shape", shape}};
}

struct HeadCase {
  std::string about;
  std::vector<json> outputs;  ///< in the metadata
  Tensors graph;
  std::string activations;
  std::string kind;
};

class HeadRoles : public ::testing::TestWithParam<HeadCase> {};

TEST_P(HeadRoles, AreChosenByPurposeAndOperation) {
  const GraphRoles roles =
      find_roles(metadata_of(head_with_outputs(GetParam().outputs)), kRowInput, GetParam().graph, {});
  EXPECT_EQ(roles.activations->name, GetParam().activations) << GetParam().about;
  EXPECT_EQ(roles.activation_kind, GetParam().kind) << GetParam().about;
  EXPECT_FALSE(roles.embeddings);
}

const json kSigmoid = output("model/Sigmoid", "Sigmoid", "predictions", {56});
const json kLogits = output("model/dense_1/BiasAdd", "fully connected", "", {56});
const json kBothPredict = output("model/dense_1/BiasAdd", "fully connected", "predictions", {56});

INSTANTIATE_TEST_SUITE_P(
    Families, HeadRoles,
    ::testing::Values(HeadCase{"sigmoid over logits",
                               {kSigmoid, kLogits},
                               {tensor("model/dense_1/BiasAdd:0", {-1, 56}), tensor("model/Sigmoid:0", {-1, 56})},
                               "model/Sigmoid:0",
                               "sigmoid"},
                      HeadCase{"both called predictions",
                               {kBothPredict, kSigmoid},
                               {tensor("model/dense_1/BiasAdd", {-1, 56}), tensor("model/Sigmoid", {-1, 56})},
                               "model/Sigmoid",
                               "sigmoid"},
                      HeadCase{"official name, kind from the metadata",
                               {kBothPredict, kSigmoid},
                               {tensor("activations", {-1, 56})},
                               "activations",
                               "sigmoid"},
                      HeadCase{"no purposes",
                               {output("model/Softmax", "Softmax", "", {"batch_size", 2})},
                               {tensor("activations", {-1, 2})},
                               "activations",
                               "softmax"},
                      HeadCase{"hidden layer is no prediction",
                               {kSigmoid, output("model/dense/BiasAdd", "fully connected", "embeddings", {512})},
                               {tensor("model/dense/BiasAdd", {-1, 512}), tensor("model/Sigmoid", {-1, 56})},
                               "model/Sigmoid",
                               "sigmoid"},
                      HeadCase{"regression",
                               {output("model/Identity", "Identity", "predictions", {2})},
                               {tensor("model/Identity:0", {-1, 2})},
                               "model/Identity:0",
                               "regression"},
                      HeadCase{"one call",
                               {output("PartitionedCall:0", "PartitionedCall", "predictions", {"batch_size", 400})},
                               {tensor("PartitionedCall:0", {-1, 400})},
                               "PartitionedCall:0",
                               "sigmoid"},
                      HeadCase{"nothing described, TensorFlow name",
                               {},
                               {tensor("model/Softmax:0", {-1, 2})},
                               "model/Softmax:0",
                               "softmax"},
                      HeadCase{
                          "known by width alone", {kSigmoid}, {tensor("output_0", {-1, 56})}, "output_0", "sigmoid"}));

struct OpenCase {
  std::vector<json> outputs;
  Tensors graph;
  std::string expected;
};

class OpenRoles : public ::testing::TestWithParam<OpenCase> {};

TEST_P(OpenRoles, AreRefused) {
  const EssentiaMetadata metadata = metadata_of(head_with_outputs(GetParam().outputs));
  const std::string message =
      expect_error(ErrorCode::model_mismatch, [&] { find_roles(metadata, kRowInput, GetParam().graph, {}); });
  expect_contains(message, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Heads, OpenRoles,
    ::testing::Values(OpenCase{{kSigmoid, kLogits},
                               {tensor("output_0", {-1, 56}), tensor("output_1", {-1, 56})},
                               "the graph has 'output_0' [batch, 56], 'output_1' [batch, 56]"},
                      OpenCase{{kSigmoid},
                               {tensor("a/Sigmoid", {-1, 56}), tensor("b/Sigmoid", {-1, 56})},
                               "may all be the activations"},
                      OpenCase{{kLogits}, {tensor("model/dense_1/BiasAdd", {-1, 56})}, "no output can be told"},
                      OpenCase{{kBothPredict},
                               {tensor("model/dense_1/BiasAdd", {-1, 56})},
                               "does not say what computes it (op 'fully connected')"},
                      OpenCase{{kSigmoid}, {}, "the graph has none"}));

TEST(GraphRoles, CallerMayChoose) {
  const EssentiaMetadata metadata = metadata_of(head_with_outputs({kSigmoid, kLogits}));
  const Tensors outputs{tensor("output_0", {-1, 56}), tensor("output_1", {-1, 56})};
  TensorRoles chosen;
  chosen.activations = "output_1";
  EXPECT_EQ(find_roles(metadata, kRowInput, outputs, chosen).activations->name, "output_1");
  chosen.activations = "output_2";
  expect_contains(expect_error(ErrorCode::model_mismatch, [&] { find_roles(metadata, kRowInput, outputs, chosen); }),
                  "no output 'output_2'");
}

TEST(GraphRoles, OneInputOfManyIsFoundByItsDescribedName) {
  const Tensors inputs{tensor("keep_prob", {1}), tensor("model/Placeholder:0", {-1, 1280})};
  const Tensors outputs{tensor("model/Softmax", {-1, 2})};
  EssentiaMetadata metadata = metadata_of(test::head_metadata());
  EXPECT_EQ(find_roles(metadata, inputs, outputs, {}).input.name, "model/Placeholder:0");
  metadata.inputs.clear();
  expect_error(ErrorCode::model_mismatch, [&] { find_roles(metadata, inputs, outputs, {}); });
}

TEST(GraphRoles, OtherElementTypesAreRefused) {
  const Tensors outputs{{"activations", "float16", {-1, 2}}};
  expect_contains(expect_error(ErrorCode::model_mismatch,
                               [&] { find_roles(metadata_of(test::head_metadata()), kRowInput, outputs, {}); }),
                  "is float16, must be float32");
}

}  // namespace
}  // namespace vivace::model
