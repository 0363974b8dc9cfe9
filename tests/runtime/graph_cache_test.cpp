#include "runtime/graph_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "runtime/session.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/signals.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::runtime {
namespace {

class GraphCacheTest : public ::testing::Test {
 protected:
  GraphCacheTest() { test::write_text(graph_, std::string(300'000, 'g')); }

  bool keep(const std::string& key, const std::string& text) const {
    return cache_.keep(key, [&](const fs::path& working, const std::string&) { test::write_text(working, text); });
  }

  test::TemporaryFolder folder_;
  test::ScopedEnvironment environment_{"XDG_CACHE_HOME", (folder_ / "cache").string()};
  fs::path graph_ = folder_ / "net.onnx";
  fs::path kept_ = folder_ / "cache/vivace/graphs";
  GraphCache cache_ = GraphCache::from_environment();
};

TEST_F(GraphCacheTest, GivesBackWhatItKeeps) {
  const std::string key = cache_.key_of(graph_, "here").value();
  EXPECT_FALSE(cache_.find(key));
  ASSERT_TRUE(keep(key, "optimized"));
  EXPECT_EQ(test::read_text(cache_.find(key).value()), "optimized");
  cache_.drop(key);
  EXPECT_FALSE(cache_.find(key));
}

TEST_F(GraphCacheTest, KeysTellGraphsAndCircumstancesApart) {
  const auto key = cache_.key_of(graph_, "here");
  EXPECT_EQ(cache_.key_of(graph_, "here"), key);
  EXPECT_NE(cache_.key_of(graph_, "there"), key);
  test::write_text(graph_, std::string(300'000, 'h'));
  EXPECT_NE(cache_.key_of(graph_, "here"), key);
}

TEST_F(GraphCacheTest, SmallGraphsAndThoseWithWeightsElsewhereHaveNoKey) {
  test::write_text(graph_, "small");
  EXPECT_FALSE(cache_.key_of(graph_, ""));
  test::write_text(graph_, std::string(300'000, 'g') + "\x0a\x08location\x12\x08net.data" + std::string(10, 'g'));
  EXPECT_FALSE(cache_.key_of(graph_, ""));
  EXPECT_FALSE(GraphCache({}).key_of(graph_, ""));
}

TEST_F(GraphCacheTest, WhatIsNotWholeOrNotOursIsNotUsed) {
  const std::string key = cache_.key_of(graph_, "here").value();
  ASSERT_TRUE(keep(key, "optimized"));
  test::write_text(kept_ / (key + ".onnx"), "optimise");
  EXPECT_FALSE(cache_.find(key)) << "changed";
  ASSERT_TRUE(keep(key, "optimized"));
  fs::permissions(kept_ / (key + ".onnx"), fs::perms::others_write, fs::perm_options::add);
  EXPECT_FALSE(cache_.find(key)) << "others can write it";
  ASSERT_TRUE(keep(key, "optimized"));
  ASSERT_TRUE(cache_.find(key));
  fs::permissions(kept_, fs::perms::group_write, fs::perm_options::add);
  EXPECT_FALSE(cache_.find(key)) << "others can put files into the folder";
}

TEST_F(GraphCacheTest, WeightsBesideAGraphAreKeptAndVerified) {
  const std::string key = cache_.key_of(graph_, "here").value();
  const auto keep_both = [&] {
    return cache_.keep(key, [](const fs::path& working, const std::string& weights) {
      test::write_text(working, "graph");
      test::write_text(working.parent_path() / weights, "weights");
    });
  };
  ASSERT_TRUE(keep_both());
  const fs::path weights = kept_ / (key + ".weights");
  EXPECT_EQ(test::read_text(weights), "weights");
  ASSERT_TRUE(cache_.find(key));
  test::write_text(weights, "weighty");
  EXPECT_FALSE(cache_.find(key)) << "changed";
  ASSERT_TRUE(keep_both());
  fs::permissions(weights, fs::perms::others_write, fs::perm_options::add);
  EXPECT_FALSE(cache_.find(key)) << "others can write it";
  ASSERT_TRUE(keep_both());
  fs::remove(weights);
  EXPECT_FALSE(cache_.find(key)) << "gone";
  ASSERT_TRUE(keep_both());
  cache_.drop(key);
  EXPECT_TRUE(fs::is_empty(kept_));
}

TEST_F(GraphCacheTest, FoldersThatCannotBeWrittenKeepNothing) {
  const GraphCache nowhere("/dev/null/graphs");
  EXPECT_FALSE(nowhere.keep("key", [](const fs::path&, const std::string&) { FAIL() << "must not be called"; }));
  EXPECT_FALSE(nowhere.find("key"));
}

TEST_F(GraphCacheTest, ThreadsThatKeepTheSameGraphDoNotMeet) {
  const std::string key = cache_.key_of(graph_, "here").value();
  const std::string text(1'000'000, 'o');
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { keep(key, text); });
  }
  EXPECT_EQ(test::read_text(cache_.find(key).value()), text);
  EXPECT_EQ(std::distance(fs::directory_iterator(kept_), fs::directory_iterator()), 2) << "graph and digest, no more";
}

TEST_F(GraphCacheTest, WhatFailsWhileItIsWrittenLeavesNothing) {
  EXPECT_THROW(cache_.keep("key",
                           [](const fs::path& working, const std::string&) -> void {
                             test::write_text(working, "half");
                             throw Error(ErrorCode::internal, "no more");
                           }),
               Error);
  EXPECT_TRUE(fs::is_empty(kept_));
}

TEST_F(GraphCacheTest, WhatEndedHalfWayIsRemovedInTheEnd) {
  ASSERT_TRUE(keep("a", "optimized"));
  const fs::path old = kept_ / "b.1.1.partial";
  const fs::path young = kept_ / "b.1.2.partial";
  test::write_text(old, "half");
  test::write_text(young, "half");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
  ASSERT_TRUE(keep("c", "optimized"));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young)) << "somebody may be writing it";
}

/// The outputs of the seeded EffNet for one patch of noise.
std::vector<float> embeddings(const SessionOptions& options) {
  const auto session = open_session(options);
  const std::vector<float> patch = test::scrambled(std::size_t{128} * 96);
  const std::vector<NamedTensor> inputs = {{"melspectrogram", Tensor::of<float>({1, 128, 96}, patch)}};
  const std::vector<std::string> outputs = {"embeddings"};
  const auto values = session->run(inputs, outputs, {}).front();
  return {values.values<float>().begin(), values.values<float>().end()};
}

TEST_F(GraphCacheTest, SessionsFromKeptGraphsGiveTheSame) {
  SessionOptions options;
  options.graph = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  options.placement.cache = false;
  const std::vector<float> expected = embeddings(options);
  EXPECT_FALSE(fs::exists(kept_));
  options.placement.cache = true;
  EXPECT_EQ(embeddings(options), expected);
  EXPECT_EQ(std::distance(fs::directory_iterator(kept_), fs::directory_iterator()), 3) << "graph, weights and digest";
  EXPECT_EQ(embeddings(options), expected);

  fs::remove_all(kept_);
  EXPECT_GT(open_session(options)->nodes().front().count, 0U);
  EXPECT_EQ(std::distance(fs::directory_iterator(kept_), fs::directory_iterator()), 3) << "no second graph is written";

  fs::path graph;
  for (const auto& entry : fs::directory_iterator(kept_)) {
    if (entry.path().extension() == ".onnx") graph = entry.path();
  }
  const auto bytes = fs::file_size(graph);
  fs::resize_file(graph, bytes / 2);
  EXPECT_EQ(embeddings(options), expected);
  EXPECT_EQ(fs::file_size(graph), bytes) << "made anew";
}

}  // namespace
}  // namespace vivace::runtime
