#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "runtime/provider_library.hpp"
#include "runtime/session.hpp"
#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"
#include "vivace/tune.hpp"

namespace vivace {
namespace {

using test::expect_contains;
using test::expect_error;

/// Opens the graph in each of the ways that there are; all must fail alike. Returns the text.
std::string refused(ErrorCode code, const std::filesystem::path& graph) {
  EngineOptions limited{.model = graph};
  limited.memory_limit_bytes = 1;
  expect_error(code, [&] { Engine{limited}; });
  EngineOptions isolated{.model = graph};
  isolated.isolation.mode = Isolation::process;
  expect_error(code, [&] { Engine{isolated}; });
  expect_error(code, [&] { runtime::open_session({.graph = graph}); });
  TuneOptions tuned;
  tuned.graph = graph;
  tuned.inputs = [](std::size_t) { return std::vector<NamedTensor>{}; };
  expect_error(code, [&] { tune(tuned); });
  expect_error(code, [&] { keep_tuned(graph, TuneGoal::latency, {"onnxruntime", "cpu", "fp32", "auto"}); });
  EXPECT_FALSE(find_tuned(graph, TuneGoal::latency));
  return expect_error(code, [&] { Engine({.model = graph}); });
}

class GraphFile : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  test::ScopedEnvironment environment_{"XDG_CACHE_HOME", (folder_ / "cache").string()};
};

TEST_F(GraphFile, DevicesAndPipesAreNotRead) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  expect_contains(refused(ErrorCode::invalid_argument, folder_ / "pipe"), "pipe: is not a regular file");
  expect_contains(refused(ErrorCode::invalid_argument, "/dev/zero"), "/dev/zero: is not a regular file");
}

TEST_F(GraphFile, OfAFolderIsNamed) {
  const std::filesystem::path model = folder_ / "model";
  std::filesystem::create_directory(model);
  expect_contains(refused(ErrorCode::invalid_argument, model), "model: is a folder");
  test::write_text(model / "model.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 1}}}));
  expect_contains(refused(ErrorCode::invalid_argument, model), "is a folder; give the graph file in it: model.onnx");
}

TEST_F(GraphFile, MustBeGiven) {
  expect_contains(refused(ErrorCode::invalid_argument, ""), "no model is given");
  expect_contains(refused(ErrorCode::not_found, folder_ / "none.onnx"), "none.onnx: no such file");
}

TEST_F(GraphFile, OfAPathThatIsTooLongIsToldInFewWords) {
  const std::string text = refused(ErrorCode::not_found, "/begin" + std::string(6000, 'x') + "end.onnx");
  expect_contains(text, "/beginxxx");
  expect_contains(text, "xxxend.onnx");
  expect_contains(text, "File name too long");
  EXPECT_LT(text.size(), 400U);
}

TEST_F(GraphFile, ALinkIsAsGoodAsTheFile) {
  test::write_text(folder_ / "net.onnx", test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 1}}}));
  std::filesystem::create_symlink(folder_ / "net.onnx", folder_ / "link.onnx");
  EXPECT_NO_THROW(Engine({.model = folder_ / "link.onnx"}));
}

TEST_F(GraphFile, SoAreLibrariesOfProviders) {
  const auto refuse = [&](ErrorCode code, const std::filesystem::path& path) {
    return expect_error(code, [&] { runtime::RegisteredLibrary::open({"mine", path}); });
  };
  expect_contains(refuse(ErrorCode::invalid_argument, folder_.path()), "is a folder");
  expect_contains(refuse(ErrorCode::invalid_argument, "/dev/zero"), "is not a regular file");
  expect_contains(refuse(ErrorCode::not_found, folder_ / "none.so"), "no such file");
  EXPECT_LT(refuse(ErrorCode::not_found, "/" + std::string(6000, 'x')).size(), 500U);
}

}  // namespace
}  // namespace vivace
