#include "runtime/provider_library.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "runtime/onnxruntime_environment.hpp"
#include "runtime/onnxruntime_nodes.hpp"
#include "runtime/onnxruntime_plugin.hpp"
#include "runtime/placement.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/log_watch.hpp"
#include "support/sanitizers.hpp"
#include "support/source_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

constexpr int kString = 8;  // TensorProto.DataType

/// The plug-in that set-up gets. It offers devices on some machines and none on others; both are right.
std::filesystem::path plugin() {
  return std::filesystem::path(VIVACE_SOURCE_DIR) /
         ".deps/openvino-provider/lib/libonnxruntime_providers_openvino_plugin.so";
}

ProviderLibrary library(const std::string& name = "plug-in") { return {name, plugin()}; }

bool offers_devices() { return !RegisteredLibrary::open(library())->devices().empty(); }

SessionOptions on_plugin(const std::filesystem::path& graph) {
  SessionOptions options{.graph = graph};
  options.placement.provider_libraries = {library()};
  options.placement.provider = "openvino";
  return options;
}

bool is_registered(const std::string& provider) {
  const auto devices = onnxruntime_environment().GetEpDevices();
  return std::any_of(devices.begin(), devices.end(), [&](const auto& device) { return device.EpName() == provider; });
}

/// With the plug-in at hand. Sanitizers see faults in it: it was built without them.
class ProviderLibraryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (test::kSanitized) GTEST_SKIP() << "sanitizer builds leave plug-ins out";
    ASSERT_TRUE(std::filesystem::exists(plugin())) << "run scripts/setup --tests";
  }
};

TEST_F(ProviderLibraryTest, OffersItsDevicesOrSaysThatThereAreNone) {
  const auto reports = candidate_reports({library("mine")});
  const auto starts_with = [&](const std::string& start) {
    return std::find_if(reports.begin(), reports.end(),
                        [&](const auto& report) { return report.name.starts_with(start); });
  };
  if (offers_devices()) {
    ASSERT_NE(starts_with("onnxruntime/openvino"), reports.end());
    EXPECT_FALSE(starts_with("onnxruntime/openvino")->reason.has_value());
  } else {
    ASSERT_NE(starts_with("onnxruntime/mine"), reports.end());
    expect_contains(starts_with("onnxruntime/mine")->reason.value_or(""), "offers no device on this machine");
  }
}

TEST_F(ProviderLibraryTest, WithoutADeviceThePlainCpuIsTaken) {
  if (offers_devices()) GTEST_SKIP() << "the plug-in offers a device on this machine";
  SessionOptions options{.graph = test::installed_model("msd-musicnn") / "model.onnx"};
  options.placement.provider_libraries = {library()};
  const test::LogWatch log(LogLevel::warning);
  EXPECT_EQ(open_session(options)->placement(), "onnxruntime/cpu");
  EXPECT_EQ(log.count("not on onnxruntime/plug-in: "), 1U);
  options.placement.strict = true;
  expect_contains(expect_error(ErrorCode::unavailable, [&] { open_session(options); }), "onnxruntime/plug-in: ");
}

TEST_F(ProviderLibraryTest, RunsGraphsWithTheResultsOfTheCpu) {
  if (!offers_devices()) GTEST_SKIP() << "the plug-in offers no device on this machine";
  SessionOptions options = on_plugin(test::installed_model("discogs-effnet-seeded") / "model.onnx");
  options.placement.strict = true;
  const auto session = open_session(options);
  EXPECT_EQ(session->placement(), "onnxruntime/openvino");
  const std::vector<ProviderNodes> parts = session->nodes();
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].provider, "OpenVINOExecutionProvider");
  Tensor input(ElementType::float32, {2, 128, 96});
  for (std::size_t i = 0; i < input.size(); ++i) input.mutable_values<float>()[i] = static_cast<float>(i % 96) / 48.0F;
  const std::vector<NamedTensor> inputs{{"melspectrogram", input}};
  const std::vector<std::string> outputs{"activations"};
  const auto plain = open_session({.graph = options.graph})->run(inputs, outputs, {});
  const auto result = session->run(inputs, outputs, {});
  ASSERT_EQ(result[0].shape(), plain[0].shape());
  for (std::size_t i = 0; i < result[0].size(); ++i) {
    ASSERT_NEAR(result[0].values<float>()[i], plain[0].values<float>()[i], 1e-3F);
  }
}

TEST_F(ProviderLibraryTest, StrictRefusesWhatFallsBackAndNamesIt) {
  if (!offers_devices()) GTEST_SKIP() << "the plug-in offers no device on this machine";
  const test::TemporaryFolder folder;
  test::write_text(folder / "strings.onnx", test::identity_graph(kString, {2}, "StringNormalizer"));
  SessionOptions options = on_plugin(folder / "strings.onnx");
  EXPECT_EQ(open_session(options)->nodes()[0].provider, "CPUExecutionProvider");
  options.placement.strict = true;
  const std::string message = expect_error(ErrorCode::unavailable, [&] { open_session(options); });
  expect_contains(message, "provider 'openvino' does not take every node");
  expect_contains(message, "all 1 nodes");
}

TEST_F(ProviderLibraryTest, StaysUntilItsLastSessionIsGone) {
  if (!offers_devices()) GTEST_SKIP() << "the plug-in offers no device on this machine";
  auto session = open_session(on_plugin(test::installed_model("msd-musicnn") / "model.onnx"));
  EXPECT_TRUE(is_registered("OpenVINOExecutionProvider"));
  session.reset();
  EXPECT_FALSE(is_registered("OpenVINOExecutionProvider"));
}

TEST_F(ProviderLibraryTest, OneFileIsOneLibraryWhateverItIsCalled) {
  const auto first = RegisteredLibrary::open(library("one"));
  const test::TemporaryFolder folder;
  std::filesystem::create_symlink(plugin(), folder / "link.so");
  const auto second = RegisteredLibrary::open({"two", folder / "link.so"});
  EXPECT_EQ(first->path(), second->path());
  EXPECT_EQ(first->devices().size(), second->devices().size());
}

TEST_F(ProviderLibraryTest, OneNameIsOneFile) {
  const auto first = RegisteredLibrary::open(library("one"));
  const test::TemporaryFolder folder;
  std::filesystem::copy_file(plugin(), folder / "copy.so");
  expect_contains(expect_error(ErrorCode::invalid_argument,
                               [&] {
                                 RegisteredLibrary::open({"one", folder / "copy.so"});
                               }),
                  "the name 'one' already stands for");
}

TEST_F(ProviderLibraryTest, IsRegisteredByManyThreadsAtOnce) {
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([] {
      for (int round = 0; round < 5; ++round) RegisteredLibrary::open(library());
    });
  }
}

TEST_F(ProviderLibraryTest, WhatIsNoneIsNamedWithWhatWasExpected) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "text.so", "this is no library");
  const auto message = [](ErrorCode code, const std::filesystem::path& path) {
    return expect_error(code, [&] { candidates({{"mine", path}}); });
  };
  expect_contains(message(ErrorCode::not_found, folder / "none.so"), "CreateEpFactories");
  expect_contains(message(ErrorCode::invalid_argument, folder.path()), "is a folder, not a file");
  expect_contains(message(ErrorCode::invalid_argument, folder / "text.so"), "text.so: is no provider library");
  const std::filesystem::path other =
      std::filesystem::path(VIVACE_SOURCE_DIR) / ".deps/onnxruntime/lib/libonnxruntime.so.1";
  expect_contains(message(ErrorCode::invalid_argument, other), "CreateEpFactories was expected");
  expect_contains(expect_error(ErrorCode::invalid_argument, [] { candidates({library("")}); }), "must have a name");
}

TEST(DeviceCandidate, RunsOnADeviceOfOnnxRuntimeItself) {
  const auto devices = onnxruntime_environment().GetEpDevices();
  const auto cpu = std::find_if(devices.begin(), devices.end(), [](const auto& device) {
    return std::string_view(device.EpName()) == "CPUExecutionProvider";
  });
  ASSERT_NE(cpu, devices.end());
  const DeviceCandidate candidate("cpu device", *cpu, nullptr);
  EXPECT_FALSE(candidate.decline("auto").has_value());
  const auto session = candidate.load({.graph = test::installed_model("msd-musicnn") / "model.onnx"});
  EXPECT_EQ(session->placement(), "onnxruntime/cpu device");
  EXPECT_EQ(session->nodes()[0].provider, "CPUExecutionProvider");
}

TEST(SessionSettings, ArePassedOnAndLimitedByOnnxRuntimeAlone) {
  SessionOptions options{.graph = test::installed_model("msd-musicnn") / "model.onnx"};
  options.placement.session_settings = {{"a.key.of.the.future", "1"}};
  EXPECT_NO_THROW(open_session(options));
  options.placement.session_settings = {{std::string(5000, 'k'), "1"}};
  const std::string message = expect_error(ErrorCode::invalid_argument, [&] { open_session(options); });
  expect_contains(message, "session setting 'kkkk");
  expect_contains(message, "maximum length");
  EXPECT_LT(message.size(), 300U);
}

TEST(SessionSettings, ReachTheSession) {
  const test::TemporaryFolder folder;
  SessionOptions options{.graph = test::installed_model("msd-musicnn") / "model.onnx"};
  options.placement.session_settings = {{"optimization.disable_specified_optimizers", "NchwcTransformer"}};
  const auto nodes = open_session(options)->nodes();
  const auto usual = open_session({.graph = options.graph})->nodes();
  EXPECT_NE(nodes[0].count, usual[0].count);
}

TEST(NodePlacements, AreReadOutOfTheLog) {
  const std::vector<ProviderNodes> parts = parse_node_placements(
      {"other text", "Node placements", " Node(s) placed on [One]. Number of nodes: 2", "  Conv (a)", "  Add (b)",
       " Node(s) placed on [Two]. Number of nodes: 1", "  Cast ()", "more text"});
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].provider, "One");
  EXPECT_EQ(parts[0].nodes, (std::vector<std::string>{"Conv (a)", "Add (b)"}));
  EXPECT_EQ(parts[1].provider, "Two");
  EXPECT_EQ(parts[1].nodes, std::vector<std::string>{"Cast ()"});
  EXPECT_TRUE(parse_node_placements({"nothing of the kind"}).empty());
}

}  // namespace
}  // namespace vivace::runtime
