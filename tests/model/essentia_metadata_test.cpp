#include "model/essentia_metadata.hpp"

#include <gtest/gtest.h>

#include "model/samples.hpp"

namespace vivace::model {
namespace {

using nlohmann::json;
using test::expect_contains;
using test::expect_error;

TEST(EssentiaMetadata, HasTheWrittenValues) {
  const EssentiaMetadata metadata = parse_essentia_metadata(test::effnet_metadata().dump());
  EXPECT_EQ(metadata.name, "Discogs-EffNet");
  EXPECT_EQ(metadata.classes[1], "Pop---Yé-Yé");
  EXPECT_EQ(metadata.sample_rate, 16000);
  EXPECT_EQ(metadata.algorithm, "TensorflowPredictEffnetDiscogs");
  EXPECT_EQ(metadata.inputs.at(0).shape, (std::vector<std::int64_t>{64, 128, 96}));
  EXPECT_EQ(metadata.outputs.at(1).name, "PartitionedCall:1");
  EXPECT_EQ(metadata.outputs.at(1).purpose, "embeddings");
  EXPECT_EQ(metadata.embedding_model, "");
}

TEST(EssentiaMetadata, HeadNamesItsExtractor) {
  EXPECT_EQ(parse_essentia_metadata(test::head_metadata().dump()).embedding_model, "discogs-effnet-bs64-1");
}

TEST(EssentiaMetadata, NamedAxisIsFree) {
  json root = test::head_metadata();
  root["schema"]["outputs"][0]["shape"] = {"batch_size", 2};
  EXPECT_EQ(parse_essentia_metadata(root.dump()).outputs[0].shape, (std::vector<std::int64_t>{-1, 2}));
}

TEST(EssentiaMetadata, LeftOutPartsAreEmpty) {
  const EssentiaMetadata metadata = parse_essentia_metadata("{}");
  EXPECT_TRUE(metadata.classes.empty() && metadata.inputs.empty() && metadata.outputs.empty());
  EXPECT_EQ(metadata.algorithm, "");
}

TEST(EssentiaMetadata, VersionMayBeANumber) { EXPECT_EQ(parse_essentia_metadata(R"({"version": 2})").version, "2"); }

struct Refusal {
  std::string text;
  ErrorCode code;
  std::string expected;
};

class RefusedMetadata : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedMetadata, SaysWhatAndWhere) {
  const std::string message = expect_error(GetParam().code, [] { parse_essentia_metadata(GetParam().text); });
  expect_contains(message, GetParam().expected);
}

std::string with_shape(const std::string& shape) {
  return R"({"schema": {"outputs": [{"name": "a"}, {"name": "b", "shape": )" + shape + "}]}}";
}

constexpr ErrorCode kCorrupt = ErrorCode::corrupt_data;
constexpr ErrorCode kMismatch = ErrorCode::model_mismatch;

INSTANTIATE_TEST_SUITE_P(
    Forms, RefusedMetadata,
    ::testing::Values(
        Refusal{"", kCorrupt, "not JSON"}, Refusal{"<html>", kCorrupt, "not JSON from byte 1 on"},
        Refusal{"{\"a\": \"\xFF\"}", kCorrupt, "not JSON"}, Refusal{"{\"a\": 1e999}", kCorrupt, "number"},
        Refusal{std::string(100000, '['), kCorrupt, "nested"},
        Refusal{std::string((1 << 20) + 1, ' '), kCorrupt, "larger"},
        Refusal{"[1]", kMismatch, "must be a JSON object"}, Refusal{"null", kMismatch, "must be a JSON object"},
        Refusal{R"({"name": 3})", kMismatch, "metadata.name must be a text"},
        Refusal{R"({"classes": "rock"})", kMismatch, "classes must be an array"},
        Refusal{R"({"classes": ["rock", 2]})", kMismatch, "classes[1] must be a text"},
        Refusal{R"({"schema": []})", kMismatch, "schema must be an object"},
        Refusal{R"({"schema": {"inputs": {}}})", kMismatch, "schema.inputs must be an array"},
        Refusal{R"({"schema": {"inputs": [7]}})", kMismatch, "schema.inputs[0] must be an object"},
        Refusal{R"({"schema": {"outputs": [{}]}})", kMismatch, "schema.outputs[0] has no name"},
        Refusal{with_shape("5"), kMismatch, "schema.outputs[1].shape must be an array"},
        Refusal{with_shape("[1,2,3,4,5,6,7,8,9]"), kMismatch, "at most 8 axes"},
        Refusal{with_shape("[0]"), kMismatch, "holds 0"}, Refusal{with_shape("[-2]"), kMismatch, "holds -2"},
        Refusal{with_shape("[1.5]"), kMismatch, "whole numbers"},
        Refusal{with_shape("[18446744073709551615]"), kMismatch, "holds 18446744073709551615"},
        Refusal{R"({"inference": 1})", kMismatch, "inference must be an object"},
        Refusal{R"({"inference": {"sample_rate": "16000"}})", kMismatch, "inference.sample_rate"},
        Refusal{R"({"inference": {"sample_rate": 1e300}})", kMismatch, "inference.sample_rate"},
        Refusal{R"({"inference": {"sample_rate": 44100.5}})", kMismatch, "inference.sample_rate"},
        Refusal{R"({"inference": {"embedding_model": "x"}})", kMismatch, "inference.embedding_model must"}));

TEST(EssentiaMetadata, FileIsNamedInErrors) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "a.json";
  test::write_text(path, "{");
  EXPECT_TRUE(expect_error(kCorrupt, [&] { read_essentia_metadata(path); }).starts_with(path.string()));
  expect_error(ErrorCode::not_found, [&] { read_essentia_metadata(folder.path() / "b.json"); });
}

}  // namespace
}  // namespace vivace::model
