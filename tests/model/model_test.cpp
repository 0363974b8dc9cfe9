#include "model/model.hpp"

#include <gtest/gtest.h>

#include "model/samples.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

using test::expect_contains;
using test::expect_error;

class ModelTest : public ::testing::Test {
 protected:
  ModelTest() {
    test::write_extractor(root_, "discogs-effnet");
    test::write_extractor(root_, "discogs-effnet-seeded");
    test::write_extractor(root_, "msd-musicnn", 200);
    test::write_head(root_, "danceability-discogs-effnet", "discogs-effnet");
    test::write_head(root_, "mood_happy-discogs-effnet-1", "discogs-effnet");
    test::write_head(root_, "mood_sad-discogs-effnet-seeded", "discogs-effnet-seeded");
    test::write_head(root_, "gender-seeded", "discogs-effnet");
    test::write_head(root_, "narrow", "discogs-effnet", 512);
  }

  test::TemporaryFolder folder_;
  fs::path root_ = folder_.path() / "models";
  Store store_{{root_}, {root_}};
};

TEST_F(ModelTest, OpensByNameAndByPath) {
  const Model model = find_model("msd-musicnn", store_);
  EXPECT_EQ(model.manifest.embedding_dimension, 200U);
  EXPECT_EQ(model.file("graph"), root_ / "msd-musicnn" / "model.onnx");
  EXPECT_EQ(find_model((root_ / "msd-musicnn").string(), store_).manifest, model.manifest);
}

TEST_F(ModelTest, DamagedFileIsRefused) {
  test::write_text(root_ / "msd-musicnn" / "model.onnx", "?");
  expect_error(ErrorCode::corrupt_data, [&] { verify(find_chain("msd-musicnn", store_), base::KnownDigests({})); });
}

struct ChainCase {
  std::string names;
  std::string extractor;
  std::vector<std::string> heads;
};

class Chain : public ModelTest, public ::testing::WithParamInterface<ChainCase> {};

TEST_P(Chain, FindsEveryPart) {
  const ModelChain chain = find_chain(GetParam().names, store_);
  EXPECT_EQ(chain.extractor.manifest.name, GetParam().extractor);
  std::vector<std::string> heads;
  for (const Model& head : chain.heads) heads.push_back(head.manifest.name);
  EXPECT_EQ(heads, GetParam().heads);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Chain,
    ::testing::Values(
        ChainCase{"discogs-effnet", "discogs-effnet", {}},
        ChainCase{"discogs-effnet+danceability", "discogs-effnet", {"danceability-discogs-effnet"}},
        ChainCase{"discogs-effnet+danceability-discogs-effnet", "discogs-effnet", {"danceability-discogs-effnet"}},
        ChainCase{"discogs-effnet+danceability-discogs-effnet-1", "discogs-effnet", {"danceability-discogs-effnet"}},
        ChainCase{"discogs-effnet+mood_happy+danceability",
                  "discogs-effnet",
                  {"mood_happy-discogs-effnet-1", "danceability-discogs-effnet"}},
        ChainCase{"discogs-effnet-seeded+danceability+mood_sad",
                  "discogs-effnet-seeded",
                  {"danceability-discogs-effnet", "mood_sad-discogs-effnet-seeded"}},
        ChainCase{"discogs-effnet+gender", "discogs-effnet", {"gender-seeded"}},
        ChainCase{"discogs-effnet+mood_sad", "discogs-effnet", {"mood_sad-discogs-effnet-seeded"}}));

struct RefusedChain {
  std::string names;
  ErrorCode code;
  std::string expected;
};

class BrokenChain : public ModelTest, public ::testing::WithParamInterface<RefusedChain> {};

TEST_P(BrokenChain, SaysWhatToDo) {
  const std::string message = expect_error(GetParam().code, [&] { find_chain(GetParam().names, store_); });
  expect_contains(message, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, BrokenChain,
    ::testing::Values(
        RefusedChain{"", ErrorCode::invalid_argument, "joined by '+'"},
        RefusedChain{"discogs-effnet+", ErrorCode::invalid_argument, "joined by '+'"},
        RefusedChain{"danceability-discogs-effnet", ErrorCode::invalid_argument,
                     "put its extractor in front: discogs-effnet+danceability-discogs-effnet"},
        RefusedChain{"discogs-effnet+msd-musicnn", ErrorCode::invalid_argument, "is no head"},
        RefusedChain{"msd-musicnn+danceability-discogs-effnet", ErrorCode::model_mismatch,
                     "works on the embeddings of 'discogs-effnet', not of 'msd-musicnn'"},
        RefusedChain{"discogs-effnet+narrow", ErrorCode::model_mismatch,
                     "takes embeddings of 512 values, 'discogs-effnet' gives 1280"},
        RefusedChain{"discogs-effnet+mood_party", ErrorCode::not_found, "vivace model pull mood_party-discogs-effnet"},
        RefusedChain{"discogs-effnet+danceability+danceability-discogs-effnet", ErrorCode::invalid_argument,
                     "head 'danceability-discogs-effnet': is named twice"},
        RefusedChain{"discogs-effnet+nonsense", ErrorCode::not_found, "model 'nonsense': not installed"}));

TEST_F(ModelTest, HeadMayBeAPath) {
  const std::string names = "discogs-effnet+" + (root_ / "danceability-discogs-effnet").string();
  EXPECT_EQ(find_chain(names, store_).heads.size(), 1U);
}

TEST_F(ModelTest, FolderWithAPlusInItsPathIsOneModel) {
  const fs::path folder = test::write_extractor(folder_.path() / "a+b", "discogs-effnet");
  EXPECT_EQ(find_chain(folder.string(), store_).extractor.folder, folder);
}

}  // namespace
}  // namespace vivace::model
