#include "runtime/graph_size.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"
#include "vivace/engine.hpp"

namespace fs = std::filesystem;

namespace vivace::runtime {
namespace {

/// An entry of TensorProto.external_data that names a file.
std::string entry(const std::string& name) {
  return "\x0a\x08location\x12" + std::string(1, static_cast<char>(name.size())) + name;
}

TEST(GraphSize, FindsWeightsInOtherFiles) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", "..." + entry("net.data") + "..." + entry("b/c") + entry("net.data"));
  EXPECT_EQ(external_weights(folder / "net.onnx"), (std::vector<fs::path>{folder / "net.data", folder / "b/c"}));
}

TEST(GraphSize, FilesOutsideTheFolderAndDamagedEntriesAreLeftOut) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", entry("../other") + entry("/etc/passwd") + entry("a/../../b") + entry("") +
                                            "\x0a\x08location\x12\x7f"
                                            "cut");
  EXPECT_TRUE(external_weights(folder / "net.onnx").empty());
}

TEST(GraphSize, EstimatesGrowWithTheWeights) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", entry("net.data"));
  const std::size_t alone = estimated_bytes(folder / "net.onnx");
  test::write_text(folder / "net.data", std::string(1'000'000, 'w'));
  EXPECT_EQ(estimated_bytes(folder / "net.onnx"), alone + 2'000'000);
}

TEST(GraphSize, ModelsAboveTheLimitAreRefusedWithTheFigure) {
  EngineOptions options;
  options.model = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  options.memory_limit_bytes = 20'000'000;
  const std::string refusal = test::expect_error(ErrorCode::resource_exhausted, [&] { Engine{options}; });
  test::expect_contains(refusal, "needs about 4");
  test::expect_contains(refusal, "memory_limit_bytes allows 20.0 MB");
  options.memory_limit_bytes = 500'000'000;
  EXPECT_NO_THROW(Engine{options});
}

TEST(GraphSize, WhatRunsHoldCountsTowardsTheLimit) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "net.onnx", test::tiny_graph({"x", {-1, 10'000}}, {{"y", {-1, 1}}}));
  EngineOptions options;
  options.model = folder / "net.onnx";
  options.memory_limit_bytes = 60'000'000;
  options.max_batch = 100;  // of 40 kB
  EXPECT_NO_THROW(Engine{options});
  options.max_batch = 2000;
  const std::string refusal = test::expect_error(ErrorCode::resource_exhausted, [&] { Engine{options}; });
  test::expect_contains(refusal, "with inputs and outputs of 2000 rows for 1 runs at a time");
}

TEST(GraphSize, MemoryOfAnOutlierIsGivenBack) {
  EngineOptions options;
  options.model = test::installed_model("discogs-effnet-seeded") / "model.onnx";
  Engine engine(options);
  const auto run = [&](std::int64_t patches) {
    engine.predict({{"melspectrogram", Tensor(ElementType::float32, {patches, 128, 96})}});
    return engine.metrics().resident_bytes;
  };
  for (int i = 0; i < 3; ++i) run(1);
  const std::size_t large = run(64);
  run(1);
  const std::size_t after = run(1);
  EXPECT_LT(after + 100'000'000, large);
}

}  // namespace
}  // namespace vivace::runtime
