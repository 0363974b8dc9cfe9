#include "model/pull.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "base/sha256.hpp"
#include "model/local_server.hpp"
#include "model/samples.hpp"
#include "model/staging_lock.hpp"
#include "model/verify.hpp"
#include "support/environment.hpp"
#include "support/tiny_graph.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

using test::expect_contains;
using test::expect_error;

/// A mirror that has one model; the first `cuts` requests for its graph break half-way.
class PullTest : public ::testing::Test {
 protected:
  PullTest() {
    options_.accept_licence = true;
    options_.policy.first_pause = std::chrono::milliseconds(1);
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/mirror/tiny/tiny-1.json") return response.set_content(metadata_, "application/json");
    if (request.path != "/mirror/tiny/tiny-1.onnx") {
      response.status = 404;
    } else if (cuts_-- > 0) {
      test::send_cut(response, graph_, graph_.size() / 2);
    } else {
      response.set_content(graph_, "application/octet-stream");
    }
  }

  CatalogEntry entry() const {
    base::Sha256 digest;
    digest.update(graph_);
    return {"tiny",
            "a tiny extractor",
            "CC-BY-NC-SA-4.0",
            "https://example.org/licence",
            {"tiny/tiny-1.onnx", graph_.size(), digest.finish()},
            {"tiny/tiny-1.json", 100'000, ""}};
  }

  test::TemporaryFolder folder_;
  fs::path root_ = folder_.path() / "models";
  Store store_{{root_}, {root_}};
  std::string graph_ =
      test::tiny_graph({"melspectrogram", {-1, 128, 96}}, {{"activations", {-1, 2}}, {"embeddings", {-1, 1280}}});
  std::string metadata_ = test::effnet_metadata().dump();
  std::atomic<int> cuts_ = 0;
  test::LocalServer server_{[this](const auto& request, auto& response) { answer(request, response); }};
  test::ScopedEnvironment base_{"VIVACE_MODEL_BASE_URL", server_.url("/mirror")};
  PullOptions options_;
};

TEST_F(PullTest, InstallsAVerifiedModel) {
  std::vector<std::string> files;
  options_.progress = [&](const std::string& file, std::uint64_t, std::uint64_t) { files.push_back(file); };
  const ImportedModel pulled = pull(entry(), options_, store_);
  EXPECT_EQ(pulled.folder, root_ / "tiny");
  verify(pulled.folder);
  EXPECT_EQ(pulled.manifest.licence_url, "https://example.org/licence");
  EXPECT_EQ(pulled.manifest.source, server_.url("/mirror/tiny/tiny-1.onnx"));
  EXPECT_TRUE(fs::is_empty(root_ / ".staging"));
  EXPECT_EQ(files.front(), "tiny-1.json");
  EXPECT_EQ(files.back(), "tiny-1.onnx");
}

TEST_F(PullTest, LicenceMustBeAccepted) {
  options_.accept_licence = false;
  EXPECT_EQ(expect_error(ErrorCode::invalid_argument, [&] { pull(entry(), options_, store_); }),
            "model 'tiny': its licence is CC-BY-NC-SA-4.0: read https://example.org/licence and, if you agree, repeat "
            "with --accept-licence");
  EXPECT_TRUE(server_.ranges().empty());
  EXPECT_TRUE(store_.list().empty());
}

TEST_F(PullTest, SoundModelIsLeftAsItIsAndADamagedOneReplaced) {
  pull(entry(), options_, store_);
  const std::size_t requests = server_.ranges().size();
  pull(entry(), options_, store_);
  EXPECT_EQ(server_.ranges().size(), requests);
  test::write_text(root_ / "tiny" / "model.onnx", "damaged");
  pull(entry(), options_, store_);
  verify(root_ / "tiny");
}

TEST_F(PullTest, NextPullContinuesWhatWasCut) {
  cuts_ = 1;
  options_.policy.attempts = 1;
  expect_error(ErrorCode::unavailable, [&] { pull(entry(), options_, store_); });
  EXPECT_TRUE(store_.list().empty());
  pull(entry(), options_, store_);
  EXPECT_EQ(server_.ranges().back(), "bytes=" + std::to_string(graph_.size() / 2) + "-");
  verify(root_ / "tiny");
}

TEST_F(PullTest, GraphIsNotFetchedAgainAfterBadMetadata) {
  const std::string good = std::exchange(metadata_, "<html>moved</html>");
  expect_error(ErrorCode::corrupt_data, [&] { pull(entry(), options_, store_); });
  EXPECT_TRUE(store_.list().empty());
  metadata_ = good;
  pull(entry(), options_, store_);
  EXPECT_EQ(server_.ranges().size(), 3U);
}

TEST_F(PullTest, WrongHashInstallsNothing) {
  const CatalogEntry pinned = entry();
  graph_.back() ^= 1;
  expect_error(ErrorCode::corrupt_data, [&] { pull(pinned, options_, store_); });
  EXPECT_TRUE(store_.list().empty());
}

TEST_F(PullTest, SecondPullAtTheSameTimeIsRefused) {
  const StagingLock lock(store_.staging_folder("tiny"));
  expect_contains(expect_error(ErrorCode::unavailable, [&] { pull(entry(), options_, store_); }), "another process");
}

TEST_F(PullTest, UnknownNameListsTheCatalog) {
  const std::string message = expect_error(ErrorCode::not_found, [&] { pull("discogs-efnet", options_, store_); });
  expect_contains(message, "did you mean 'discogs-effnet'?");
}

TEST_F(PullTest, FileThatTheMirrorLacksIsNotFound) {
  expect_error(ErrorCode::not_found, [&] { pull("discogs-effnet", options_, store_); });
}

}  // namespace
}  // namespace vivace::model
