#include "model/essentia_import.hpp"

#include <gtest/gtest.h>

#include "model/essentia_recipe.hpp"
#include "model/samples.hpp"
#include "model/verify.hpp"
#include "support/tiny_graph.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

using nlohmann::json;
using test::expect_contains;
using test::expect_error;
using test::GraphTensor;

const GraphTensor kMel{"melspectrogram", {-1, 128, 96}};
const std::vector<GraphTensor> kBoth{{"activations", {-1, 2}}, {"embeddings", {-1, 1280}}};
const GraphTensor kRows{"embeddings", {-1, 1280}};
const std::vector<GraphTensor> kTwo{{"activations", {-1, 2}}};

class EssentiaImport : public ::testing::Test {
 protected:
  /// Writes a pair under the stem that Essentia would give it and imports it.
  ImportedModel import(const std::string& stem, const json& metadata, const GraphTensor& input,
                       const std::vector<GraphTensor>& outputs, const ImportOptions& options = {}) {
    const fs::path graph = folder_.path() / (stem + ".onnx");
    const fs::path description = folder_.path() / (stem + ".json");
    test::write_text(graph, test::tiny_graph(input, outputs));
    test::write_text(description, metadata.dump());
    return stage_essentia(graph, description, folder_.path() / "staged", options);
  }

  std::string refusal(const json& metadata, const GraphTensor& input, const std::vector<GraphTensor>& outputs,
                      ErrorCode code = ErrorCode::model_mismatch) {
    const std::string message = expect_error(code, [&] { import("pair-1", metadata, input, outputs); });
    EXPECT_FALSE(fs::exists(folder_.path() / "staged" / "pair"));
    return message;
  }

  test::TemporaryFolder folder_;
};

TEST_F(EssentiaImport, ExtractorBecomesAVerifiedModel) {
  const ImportedModel imported = import("discogs-effnet-bsdynamic-1", test::effnet_metadata(), kMel, kBoth);
  EXPECT_EQ(imported.folder, folder_.path() / "staged" / "discogs-effnet");
  verify(imported.folder);
  const Manifest manifest = read_manifest(imported.folder);
  EXPECT_EQ(manifest, imported.manifest);
  EXPECT_EQ(manifest.name, "discogs-effnet");
  EXPECT_EQ(manifest.audio->resampler, "linear");
  EXPECT_EQ(manifest.front_end->multiply, 10000);
  EXPECT_EQ(manifest.patch->frames, 128U);
  EXPECT_EQ(manifest.patch->hop, 62U);
  EXPECT_EQ(manifest.patch->batch, 8U);
  EXPECT_EQ(manifest.patch->fixed_batch, 0U);
  EXPECT_EQ(manifest.patch->essentia_rows, "without-last-frame");
  EXPECT_EQ(manifest.embedding_dimension, 1280U);
  EXPECT_EQ(manifest.activations->kind, "sigmoid");
  EXPECT_EQ(manifest.activations->labels[1], "Pop---Yé-Yé");
  EXPECT_EQ(manifest.licence, "CC-BY-NC-SA-4.0");
  EXPECT_TRUE(imported.notes.empty());
}

TEST_F(EssentiaImport, LicenceOfOthersIsNotGuessed) {
  json metadata = test::effnet_metadata();
  metadata["link"] = "https://example.org/my-net.pb";
  const ImportedModel unknown = import("mine-1", metadata, kMel, kBoth);
  EXPECT_EQ(unknown.manifest.licence, "LicenseRef-unknown");
  expect_contains(unknown.notes.at(0), "--licence");

  ImportOptions options;
  options.name = "stated";
  options.licence = "MIT";
  const ImportedModel stated = import("mine-1", metadata, kMel, kBoth, options);
  EXPECT_EQ(stated.manifest.licence, "MIT");
  EXPECT_TRUE(stated.notes.empty());
}

TEST_F(EssentiaImport, FixedBatchIsKept) {
  const ImportedModel imported =
      import("discogs-effnet-bs64-1", test::effnet_metadata(), {"serving_default_melspectrogram", {64, 128, 96}},
             {{"PartitionedCall:0", {64, 2}}, {"PartitionedCall:1", {64, 1280}}});
  EXPECT_EQ(imported.manifest.patch->fixed_batch, 64U);
  EXPECT_EQ(imported.manifest.tensors.embeddings, "PartitionedCall:1");
  EXPECT_EQ(imported.manifest.tensors.activations, "PartitionedCall:0");
}

TEST_F(EssentiaImport, GraphCountsWhereTheMetadataHasAnotherWidth) {
  json metadata = test::effnet_metadata();
  metadata.erase("classes");
  const ImportedModel imported = import("discogs_track_embeddings-effnet-bs64-1", metadata,
                                        {"melspectrogram", {64, 128, 96}}, {{"embeddings", {64, 512}}});
  EXPECT_EQ(imported.manifest.name, "discogs_track_embeddings-effnet");
  EXPECT_EQ(imported.manifest.embedding_dimension, 512U);
  EXPECT_FALSE(imported.manifest.activations);
  ASSERT_EQ(imported.notes.size(), 1U);
  expect_contains(imported.notes[0], "512 values, the metadata says 1280");
}

TEST_F(EssentiaImport, UnnamedActivationsOfAnExtractorAreLeftOut) {
  json metadata = test::effnet_metadata();
  metadata["classes"] = json::array();
  const ImportedModel imported = import("discogs-effnet-1", metadata, kMel, kBoth);
  EXPECT_EQ(imported.manifest.tensors.activations, "");
  expect_contains(imported.notes.at(0), "no classes");
}

TEST_F(EssentiaImport, HeadNamesItsExtractorAndLabels) {
  const Manifest manifest = import("danceability-discogs-effnet-1", test::head_metadata(), kRows, kTwo).manifest;
  EXPECT_EQ(manifest.name, "danceability-discogs-effnet");
  EXPECT_EQ(manifest.extractor, (ExtractorReference{"discogs-effnet", 1280}));
  EXPECT_EQ(manifest.activations->kind, "softmax");
  EXPECT_EQ(manifest.activations->labels, (std::vector<std::string>{"danceable", "not_danceable"}));
}

struct ClassCase {
  std::string algorithm;
  std::vector<std::int64_t> input;
  std::size_t frame, frames, hop, batch, bands;
  double mean;
};

class EssentiaClass : public EssentiaImport, public ::testing::WithParamInterface<ClassCase> {};

TEST_P(EssentiaClass, DecidesFrontEndAndPatches) {
  json metadata = test::effnet_metadata();
  metadata["inference"]["algorithm"] = GetParam().algorithm;
  const Manifest manifest = import("model-1", metadata, {"melspectrogram", GetParam().input}, kBoth).manifest;
  EXPECT_EQ(manifest.front_end->frame, GetParam().frame);
  EXPECT_EQ(manifest.front_end->bands, GetParam().bands);
  EXPECT_EQ(manifest.front_end->mean, GetParam().mean);
  EXPECT_EQ(manifest.patch->frames, GetParam().frames);
  EXPECT_EQ(manifest.patch->hop, GetParam().hop);
  EXPECT_EQ(manifest.patch->batch, GetParam().batch);
}

INSTANTIATE_TEST_SUITE_P(
    Known, EssentiaClass,
    ::testing::Values(ClassCase{"TensorflowPredictEffnetDiscogs", {-1, 128, 96}, 512, 128, 62, 8, 96, 0},
                      ClassCase{"TensorflowPredictMusiCNN", {-1, 187, 96}, 512, 187, 93, 4, 96, 0},
                      ClassCase{"TensorflowPredictMusiCNN", {-1, -1, -1}, 512, 187, 93, 4, 96, 0},
                      ClassCase{"TensorflowPredictVGGish", {-1, 96, 64}, 400, 96, 93, 8, 64, 0},
                      ClassCase{"TensorflowPredictMAEST", {-1, 1876, 96}, 512, 1876, 1875, 1, 96, 2.06755686098554},
                      ClassCase{"TensorflowPredictMAEST", {-1, 626, 96}, 512, 626, 625, 1, 96, 2.06755686098554}));

TEST(EssentiaRecipe, PlainNamesDropBatchAndVersion) {
  EXPECT_EQ(plain_model_name("discogs-effnet-bs64-1"), "discogs-effnet");
  EXPECT_EQ(plain_model_name("discogs-effnet-bsdynamic-1"), "discogs-effnet");
  EXPECT_EQ(plain_model_name("deam-msd-musicnn-2"), "deam-msd-musicnn");
  EXPECT_EQ(plain_model_name("discogs-maest-30s-pw-2"), "discogs-maest-30s-pw");
  EXPECT_EQ(plain_model_name("discogs-effnet"), "discogs-effnet");
  EXPECT_EQ(plain_model_name("1"), "1");
  EXPECT_EQ(plain_model_name(""), "");
}

TEST_F(EssentiaImport, ClassesMustFitTheGraph) {
  json metadata = test::head_metadata();
  metadata["classes"] = {"a", "b", "c"};
  expect_contains(refusal(metadata, kRows, kTwo), "3 classes, but output 'activations' is [batch, 2]");
  metadata["classes"] = {"a", "a"};
  expect_contains(refusal(metadata, kRows, kTwo), "has 'a' twice");
  metadata.erase("classes");
  expect_contains(refusal(metadata, kRows, kTwo), "no classes");
}

TEST_F(EssentiaImport, InputMustFitTheClassOfModel) {
  const json metadata = test::effnet_metadata();
  expect_contains(refusal(metadata, {"melspectrogram", {-1, 187, 96}}, kBoth),
                  "[batch, 187, 96], but this class of model has 128 frames");
  expect_contains(refusal(metadata, {"melspectrogram", {-1, 128, 64}}, kBoth), "has 96 bands");
  expect_contains(refusal(metadata, {"audio", {-1, 16000}}, kBoth), "must be [batch, frames, bands]");
  expect_contains(refusal(test::head_metadata(), {"embeddings", {64, 1280}}, {{"activations", {64, 2}}}),
                  "any number of rows");
  expect_contains(refusal(test::head_metadata(), {"embeddings", {-1, -1}}, kTwo), "fixed width");
}

TEST_F(EssentiaImport, UnknownClassOfModelIsUnsupported) {
  json metadata = test::effnet_metadata();
  metadata["inference"]["algorithm"] = "TempoCNN";
  expect_contains(refusal(metadata, kMel, kBoth, ErrorCode::unsupported), "'TempoCNN'; models for TensorflowPredict2D");
}

TEST_F(EssentiaImport, HeadWithoutExtractorNeedsOne) {
  json metadata = test::head_metadata();
  metadata["inference"].erase("embedding_model");
  expect_contains(refusal(metadata, kRows, kTwo), "name the extractor");
  ImportOptions options;
  options.extractor = "my-extractor";
  EXPECT_EQ(import("head-1", metadata, kRows, kTwo, options).manifest.extractor->name, "my-extractor");
}

TEST_F(EssentiaImport, OptionsOverrideWhatIsFound) {
  ImportOptions options;
  options.name = "mine";
  options.licence = "MIT";
  options.source = "trained here";
  options.tensors.embeddings = "embeddings";
  const Manifest manifest = import("x", test::effnet_metadata(), kMel, kBoth, options).manifest;
  EXPECT_EQ(manifest.name, "mine");
  EXPECT_EQ(manifest.licence, "MIT");
  EXPECT_EQ(manifest.source, "trained here");
  options.name = "../mine";
  expect_error(ErrorCode::invalid_argument, [&] { import("x", test::effnet_metadata(), kMel, kBoth, options); });
}

TEST_F(EssentiaImport, BytesThatAreNoGraphAreRefused) {
  test::write_text(folder_.path() / "x.onnx", "no graph");
  test::write_text(folder_.path() / "x.json", test::effnet_metadata().dump());
  expect_error(ErrorCode::model_mismatch, [&] {
    stage_essentia(folder_.path() / "x.onnx", folder_.path() / "x.json", folder_.path() / "staged");
  });
}

TEST_F(EssentiaImport, FolderThatExistsIsLeftAlone) {
  import("x", test::effnet_metadata(), kMel, kBoth);
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { import("x", test::effnet_metadata(), kMel, kBoth); }),
                  "exists already");
  verify(folder_.path() / "staged" / "x");
}

TEST_F(EssentiaImport, StoreTakesTheModelAndReplacesAnOlderOne) {
  const Store store({folder_.path() / "models"}, {folder_.path() / "models"});
  test::write_text(folder_.path() / "x-1.onnx", test::tiny_graph(kMel, kBoth));
  test::write_text(folder_.path() / "x-1.json", test::effnet_metadata().dump());
  for (int round = 0; round < 2; ++round) {
    const ImportedModel imported = import_essentia(store, folder_.path() / "x-1.onnx", folder_.path() / "x-1.json");
    EXPECT_EQ(imported.folder, folder_.path() / "models" / "x");
    verify(imported.folder);
  }
  EXPECT_EQ(store.list().size(), 1U);
  EXPECT_TRUE(fs::is_empty(folder_.path() / "models" / ".staging"));
}

}  // namespace
}  // namespace vivace::model
