#include "runtime/isolation/isolated_session.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/isolated_model.hpp"
#include "support/processes.hpp"
#include "support/sanitizers.hpp"
#include "support/source_tree.hpp"

namespace vivace::runtime {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::expand;
using test::expect_contains;
using test::expect_error;
using test::filled;
using test::GraphFile;
using test::kOutput;

IsolationOptions processes(std::size_t count) {
  IsolationOptions options;
  options.processes = count;
  return options;
}

/// An element type with its number in onnx.proto.
struct TypeCase {
  ElementType type;
  int number;
};
std::ostream& operator<<(std::ostream& out, const TypeCase& type) { return out << element_type_name(type.type); }

Tensor sample(ElementType type, std::int64_t rows) {
  Tensor tensor(type, {rows, 3});
  if (type == ElementType::string) {
    const auto texts = tensor.mutable_values<std::string>();
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = std::string("a\0é", 4) + std::to_string(i);
    return tensor;
  }
  const auto bytes = tensor.mutable_bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(type == ElementType::boolean ? i % 2 : i % 61);
  }
  return tensor;
}

class IsolatedType : public ::testing::TestWithParam<TypeCase> {};
TEST_P(IsolatedType, ComesBackAsItWentIn) {
  const GraphFile graph(test::identity_graph(GetParam().number, {-1, 3}));
  const IsolatedSession session(graph.session(), {});
  for (const std::int64_t rows : {0, 1, 20'000}) {  // the last is larger than what is copied
    const Tensor x = sample(GetParam().type, rows);
    const std::vector<NamedTensor> inputs{{"x", x}};
    const Tensor y = session.run(inputs, kOutput, {}).front();
    ASSERT_EQ(y.type(), x.type());
    ASSERT_EQ(y.shape(), x.shape());
    if (x.type() == ElementType::string) {
      EXPECT_TRUE(std::ranges::equal(x.values<std::string>(), y.values<std::string>()));
    } else {
      EXPECT_TRUE(std::ranges::equal(x.bytes(), y.bytes()));
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Types, IsolatedType,
                         ::testing::Values(TypeCase{ElementType::float32, 1}, TypeCase{ElementType::uint8, 2},
                                           TypeCase{ElementType::int8, 3}, TypeCase{ElementType::uint16, 4},
                                           TypeCase{ElementType::int16, 5}, TypeCase{ElementType::int32, 6},
                                           TypeCase{ElementType::int64, 7}, TypeCase{ElementType::string, 8},
                                           TypeCase{ElementType::boolean, 9}, TypeCase{ElementType::float16, 10},
                                           TypeCase{ElementType::float64, 11}, TypeCase{ElementType::uint32, 12},
                                           TypeCase{ElementType::uint64, 13}, TypeCase{ElementType::bfloat16, 16}));

TEST(IsolatedSession, TellsTheSameOfItsGraph) {
  const GraphFile graph(test::tiny_graph({"x", {-1, -1}}, {{"y", {-1, 3}}, {"z", {-1, 1}}}));
  const IsolatedSession isolated(graph.session(), processes(2));
  const auto plain = open_session(graph.session());
  EXPECT_EQ(isolated.placement(), plain->placement());
  ASSERT_EQ(isolated.outputs().size(), 2U);
  EXPECT_EQ(isolated.inputs()[0].name, "x");
  EXPECT_EQ(isolated.outputs()[1].shape, plain->outputs()[1].shape);
  EXPECT_EQ(isolated.process_ids().size(), 2U);
  const auto nodes = isolated.nodes();
  const auto expected = plain->nodes();
  ASSERT_EQ(nodes.size(), expected.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) EXPECT_EQ(nodes[i].nodes, expected[i].nodes);
}

TEST(IsolatedSession, RunsFromAndIntoTheCallersMemory) {
  const GraphFile graph(test::tiny_graph({"x", {-1, -1}}, {{"y", {-1, 3}}, {"z", {-1, 1}}}));
  const IsolatedSession session(graph.session(), {});
  std::vector<float> x(2 * 1000);
  std::iota(x.begin(), x.end(), 0.0F);
  std::vector<float> y(2 * 3);
  std::vector<float> z(2);
  const std::vector<std::int64_t> x_shape{2, 1000};
  const std::vector<std::int64_t> y_shape{2, 3};
  const std::vector<std::int64_t> z_shape{2, 1};
  const InputTensor input{"x", x, x_shape};
  const std::vector<OutputTensor> outputs{{"z", z, z_shape}, {"y", y, y_shape}};
  session.run({&input, 1}, outputs);
  EXPECT_NEAR(z[0], 499.5, 1e-3);
  EXPECT_NEAR(y[5], 1499.5, 1e-3);
}

struct Wrong {
  const char* name;
  std::vector<NamedTensor> inputs;
  std::vector<std::string> outputs;
};
std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.name; }

class WrongInput : public ::testing::TestWithParam<Wrong> {};
TEST_P(WrongInput, FailsAsInThisProcess) {
  const GraphFile graph(test::tiny_graph({"x", {-1, 8}}, {{"y", {-1, 3}}}));
  const IsolatedSession isolated(graph.session(), {});
  const auto plain = open_session(graph.session());
  const Error expected = error_of([&] { plain->run(GetParam().inputs, GetParam().outputs, {}); });
  const Error error = error_of([&] { isolated.run(GetParam().inputs, GetParam().outputs, {}); });
  EXPECT_EQ(error.code(), expected.code());
  EXPECT_STREQ(error.what(), expected.what());
  const std::vector<NamedTensor> good{{"x", Tensor(ElementType::float32, {1, 8})}};
  EXPECT_EQ(isolated.run(good, kOutput, {}).size(), 1U);
  EXPECT_EQ(isolated.restarts(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Inputs, WrongInput,
                         ::testing::Values(Wrong{"name", {{"abacus", Tensor(ElementType::float32, {1, 8})}}, kOutput},
                                           Wrong{"rank", {{"x", Tensor(ElementType::float32, {8})}}, kOutput},
                                           Wrong{"length", {{"x", Tensor(ElementType::float32, {1, 9})}}, kOutput},
                                           Wrong{"type", {{"x", Tensor(ElementType::int64, {1, 8})}}, kOutput},
                                           Wrong{"none", {}, kOutput},
                                           Wrong{"output", {{"x", Tensor(ElementType::float32, {1, 8})}}, {"abacus"}}));

TEST(IsolatedSession, ManyThreadsGetTheirOwnAnswers) {
  const GraphFile graph(test::float_identity());
  const IsolatedSession session(graph.session(), processes(2));
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&session, caller] {
      for (int i = 0; i < 50; ++i) {
        const auto value = static_cast<float>(caller * 1000 + i);
        const std::size_t count = i % 2 == 0 ? 100 : 30'000;
        const Tensor y = session.run(filled(count, value), kOutput, {}).front();
        ASSERT_EQ(y.size(), count);
        EXPECT_TRUE(std::ranges::all_of(y.values<float>(), [value](float v) { return v == value; }));
      }
    });
  }
  callers.clear();
  EXPECT_EQ(session.restarts(), 0U);
}

TEST(IsolatedSession, OutputsStayWhateverComesAfter) {
  const GraphFile graph(test::float_identity());
  std::vector<Tensor> kept;
  {
    const IsolatedSession session(graph.session(), {});
    for (int i = 0; i < 5; ++i) kept.push_back(session.run(filled(100'000, static_cast<float>(i)), kOutput, {})[0]);
  }
  for (int i = 0; i < 5; ++i) {
    const auto values = kept[static_cast<std::size_t>(i)].values<float>();
    EXPECT_TRUE(std::ranges::all_of(values, [i](float v) { return v == static_cast<float>(i); })) << i;
  }
}

TEST(IsolatedSession, OutputsMayBeFarLargerThanInputs) {
  const GraphFile graph(test::expand_graph());
  const IsolatedSession session(graph.session(), {});
  const std::vector<float> x{2.5F};
  for (const std::int64_t count : {10LL, 5'000'000LL, 20LL, 6'000'000LL}) {
    const std::vector<std::int64_t> shape{count};
    const std::vector<NamedTensor> inputs{{"x", Tensor::of<float>({1}, x)},
                                          {"shape", Tensor::of<std::int64_t>({1}, shape)}};
    const Tensor y = session.run(inputs, kOutput, {}).front();
    ASSERT_EQ(y.shape(), Shape{count});
    EXPECT_TRUE(std::ranges::all_of(y.values<float>(), [](float v) { return v == 2.5F; }));
  }
}

TEST(IsolatedSession, MemoryForAnOutlierIsGivenBackOnBothSides) {
  const GraphFile graph(test::float_identity());
  const IsolatedSession session(graph.session(), {});
  const auto shared = [&] {
    return std::max(test::shared_bytes(::getpid()), test::shared_bytes(session.process_ids()[0]));
  };
  for (int i = 0; i < 50; ++i) session.run(filled(30'000, 1), kOutput, {});
  const std::size_t usual = shared();
  EXPECT_GT(usual, 0U);
  session.run(filled(10'000'000, 1), kOutput, {});
  EXPECT_GT(shared(), usual + 80'000'000);
  for (int i = 0; i < 100; ++i) session.run(filled(30'000, 1), kOutput, {});
  EXPECT_LE(shared(), usual + (1U << 20));
}

TEST(IsolatedSession, RunsWithItsOwnCoresAndPriority) {
  const GraphFile graph(test::float_identity());
  cpu_set_t usable;
  ASSERT_EQ(::sched_getaffinity(0, sizeof usable, &usable), 0);
  int last = CPU_SETSIZE - 1;
  while (!CPU_ISSET(static_cast<std::size_t>(last), &usable)) --last;
  IsolationOptions options;
  options.cores = {last};
  options.nice = 3;
  const IsolatedSession session(graph.session(), options);
  const pid_t worker = session.process_ids().front();
  EXPECT_EQ(test::status_value(worker, "Cpus_allowed_list"), std::to_string(last));
  constexpr std::size_t kNice = 19 - 3;
  EXPECT_EQ(std::stoi(test::stat_fields(worker).at(kNice)), std::min(::getpriority(PRIO_PROCESS, 0) + 3, 19));
}

TEST(IsolatedSession, TellsAndGivesBackTheMemoryOfItsWorkers) {
  if (test::kSanitized) GTEST_SKIP() << "a sanitizer keeps memory that was given back";
  const GraphFile graph(test::tanh_graph(2));
  const IsolatedSession session(graph.session(), processes(2));
  constexpr std::size_t kMany = 4'000'000;
  const auto run = [&](std::size_t count) { session.run(filled(count, 1), {{"mean"}}, {}); };
  run(kMany);
  const BackendMemory used = session.memory();
  EXPECT_GT(used.allocations, 0U);
  EXPECT_GT(used.most_bytes_in_use, kMany * sizeof(float));
  const pid_t worker = session.process_ids().front();
  const auto resident = [&] { return std::stoul(test::status_value(worker, "RssAnon")); };
  const std::size_t large = resident();
  run(10);
  EXPECT_GT(resident() + 1000, large) << "the arena keeps it, in kB";
  session.shrink_after_next_run();
  run(10);
  EXPECT_LT(resident() + 10'000, large);
  EXPECT_GT(session.memory().allocations, used.allocations);
}

TEST(IsolatedSession, MemoryBeyondTheLimitOfTheArenaFailsOnlyTheRun) {
  const GraphFile graph(test::expand_graph());
  SessionOptions options = graph.session();
  options.arena_limit_bytes = std::size_t{32} << 20;
  const IsolatedSession session(options, {});
  EXPECT_EQ(expand(session, 1000), 1000U);
  expect_error(ErrorCode::resource_exhausted, [&] { expand(session, 16'000'000); });
  EXPECT_EQ(expand(session, 1000), 1000U);
  EXPECT_EQ(session.restarts(), 0U);
}

TEST(IsolatedSession, LoadingBeyondTheLimitOfTheArenaIsALackOfMemory) {
  SessionOptions options;
  options.graph = test::installed_model("msd-musicnn") / "model.onnx";
  options.placement.cache = false;
  options.arena_limit_bytes = 100'000;
  expect_error(ErrorCode::resource_exhausted, [&] { IsolatedSession(options, {}); });
}

TEST(IsolatedSession, OutputsBeyondTheirLimitFailOnlyTheRun) {
  const GraphFile graph(test::expand_graph());
  IsolationOptions options;
  options.output_limit_bytes = 1 << 20;
  const IsolatedSession session(graph.session(), options);
  EXPECT_EQ(expand(session, 1 << 18), 1U << 18);
  expect_contains(expect_error(ErrorCode::resource_exhausted, [&] { expand(session, (1 << 18) + 1); }),
                  "isolation.output_limit_bytes");
  EXPECT_EQ(expand(session, 1000), 1000U);
}

TEST(IsolatedSession, CoresThatAreNotThereAreRefused) {
  const GraphFile graph(test::float_identity());
  IsolationOptions options;
  options.cores = {CPU_SETSIZE - 1};
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { IsolatedSession(graph.session(), options); }),
                  "core 1023: is not one that this process may use: ");
}

#ifndef VIVACE_SANITIZED  // which reserve more memory than any limit
TEST(IsolatedSession, MemoryBeyondTheLimitFailsOnlyTheRequest) {
  const GraphFile graph(test::expand_graph());
  IsolationOptions options;
  options.memory_limit_bytes = std::size_t{256} << 20;
  const IsolatedSession session(graph.session(), options);
  EXPECT_EQ(expand(session, 100), 100U);
  expect_contains(expect_error(ErrorCode::resource_exhausted, [&] { expand(session, std::int64_t{1} << 27); }),
                  "; isolation.memory_limit_bytes allows 268.4 MB");
  EXPECT_EQ(expand(session, 1000), 1000U);
}

TEST(IsolatedSession, LoadingBeyondTheLimitIsToldWithWhatTheModelTakes) {
  const GraphFile graph(test::layers_graph(2048, 8));
  IsolationOptions options;
  options.memory_limit_bytes = std::size_t{64} << 20;
  expect_contains(expect_error(ErrorCode::resource_exhausted, [&] { IsolatedSession(graph.session(), options); }),
                  "; it takes about 276.8 MB; isolation.memory_limit_bytes allows 67.1 MB");
}
#endif

TEST(IsolatedSession, ModelsThatDoNotLoadFailAsInThisProcess) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "text.onnx", "this is not a graph");
  for (const char* name : {"text.onnx", "none.onnx"}) {
    SessionOptions options;
    options.graph = folder / name;
    const Error expected = error_of([&] { open_session(options); });
    const Error error = error_of([&] { IsolatedSession(options, processes(2)); });
    EXPECT_EQ(error.code(), expected.code());
    EXPECT_STREQ(error.what(), expected.what());
  }
}

TEST(IsolatedSession, AWorkerProgramThatIsMissingOrOfNoUseIsSaid) {
  const GraphFile graph(test::float_identity());
  const test::TemporaryFolder folder;
  const auto refusal = [&](ErrorCode code, const std::filesystem::path& program) {
    const test::ScopedEnvironment worker("VIVACE_WORKER", program.string());
    return expect_error(code, [&] { IsolatedSession(graph.session(), {}); });
  };
  expect_contains(refusal(ErrorCode::not_found, folder / "none"), "VIVACE_WORKER");
  test::write_text(folder / "text", "no program");
  expect_contains(refusal(ErrorCode::unavailable, folder / "text"), "cannot be started");
  test::write_text(folder / "script", "#!/bin/sh\necho its last words\nexit 3\n");
  std::filesystem::permissions(folder / "script", std::filesystem::perms::owner_all);
  ::testing::internal::CaptureStdout();
  const std::string text = refusal(ErrorCode::unavailable, folder / "script");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  expect_contains(text, "ended with status 3");
  expect_contains(text, "its last words");
}

TEST(IsolatedSession, AWorkerThatDoesNotLoadInTimeIsEnded) {
  const GraphFile graph(test::float_identity());
  const test::TemporaryFolder folder;
  test::write_text(folder / "script", "#!/bin/sh\nexec sleep 1000\n");
  std::filesystem::permissions(folder / "script", std::filesystem::perms::owner_all);
  const test::ScopedEnvironment worker("VIVACE_WORKER", (folder / "script").string());
  IsolationOptions options;
  options.start_timeout = 20ms;
  expect_contains(expect_error(ErrorCode::unavailable, [&] { IsolatedSession(graph.session(), options); }), "20 ms");
}

TEST(LeasedSession, KeepsItsWorkerForItselfUntilItsEnd) {
  const GraphFile graph(test::float_identity());
  const IsolatedSession session(graph.session(), {});
  {
    const LeasedSession leased(session, {});
    for (int run = 0; run < 2; ++run) {
      EXPECT_EQ(leased.run(filled(3, 1), kOutput, {}).front().size(), 3U);
      const Patience impatient{.deadline = std::chrono::steady_clock::now()};
      expect_contains(expect_error(ErrorCode::cancelled, [&] { LeasedSession(session, impatient); }), "deadline");
    }
  }
  EXPECT_EQ(session.run(filled(3, 1), kOutput, {}).front().size(), 3U);
  EXPECT_EQ(session.restarts(), 0U);
}

TEST(LeasedSession, TakesAnotherWorkerWhereItsOwnHasEnded) {
  const GraphFile graph(test::float_identity());
  const IsolatedSession session(graph.session(), {});
  const LeasedSession leased(session, {});
  ::kill(session.process_ids().front(), SIGKILL);
  ASSERT_TRUE(test::wait_until([&] { return session.restarts() == 1; }));
  EXPECT_EQ(leased.run(filled(3, 1), kOutput, {}).front().size(), 3U);
}

TEST(IsolatedSession, OutlivesTheThreadThatMadeIt) {
  const GraphFile graph(test::float_identity());
  std::unique_ptr<IsolatedSession> session;
  std::thread([&] { session = std::make_unique<IsolatedSession>(graph.session(), IsolationOptions{}); }).join();
  EXPECT_EQ(session->run(filled(3, 1), kOutput, {}).front().size(), 3U);
  EXPECT_EQ(session->restarts(), 0U);
}

TEST(IsolatedSession, LeavesNoProcessAndNoDescriptorBehind) {
  const GraphFile graph(test::float_identity());
  { const IsolatedSession warm_up(graph.session(), {}); }
  const std::size_t before = test::descriptor_count();
  std::vector<pid_t> workers;
  {
    const IsolatedSession session(graph.session(), processes(2));
    workers = session.process_ids();
    session.run(filled(100'000, 1), kOutput, {});
  }
  EXPECT_EQ(workers.size(), 2U);
  for (const pid_t worker : workers) EXPECT_FALSE(test::is_alive(worker));
  EXPECT_EQ(test::descriptor_count(), before);
}

}  // namespace
}  // namespace vivace::runtime
