#include "runtime/shared_session.hpp"

#include <gtest/gtest.h>

#include "base/machine.hpp"
#include "support/files.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace vivace::runtime {
namespace {

class SharedSession : public ::testing::Test {
 protected:
  SharedSession() { write(8); }

  void write(std::int64_t width) const {
    test::write_text(options_.graph, test::tiny_graph({"x", {-1, width}}, {{"y", {-1, 1}}}));
  }

  test::TemporaryFolder folder_;
  SessionOptions options_{.graph = folder_ / "net.onnx"};
};

TEST_F(SharedSession, IsOneWhileItIsOpen) {
  const auto first = open_shared_session(options_);
  EXPECT_EQ(open_shared_session(options_), first);
  const std::weak_ptr<Session> gone = open_shared_session({.graph = options_.graph, .intra_op_threads = 2});
  EXPECT_TRUE(gone.expired());
}

TEST_F(SharedSession, OtherOptionsAndChangedFilesHaveTheirOwn) {
  const auto first = open_shared_session(options_);
  SessionOptions other = options_;
  other.placement.session_settings.emplace("session.set_denormal_as_zero", "1");
  EXPECT_NE(open_shared_session(other), first);
  write(9);
  const auto changed = open_shared_session(options_);
  EXPECT_NE(changed, first);
  EXPECT_EQ(changed->inputs().front().shape.back(), 9);
}

TEST(Engine, ReplicasShareTheirWeights) {
  EngineOptions options;
  options.model = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  const Engine first(options);
  const std::size_t before = base::resident_bytes();
  std::vector<Engine> replicas;
  for (int i = 0; i < 5; ++i) replicas.emplace_back(options);
  constexpr std::size_t kWeightsOfOne = 18'000'000;
  EXPECT_LT(base::resident_bytes(), before + kWeightsOfOne);
}

}  // namespace
}  // namespace vivace::runtime
