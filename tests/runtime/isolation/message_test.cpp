#include "runtime/isolation/message.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>

#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

using test::expect_contains;
using test::expect_error;

SessionOptions session_options() {
  SessionOptions options;
  options.graph = std::string("a folder\xff/net.onnx");  // any bytes can be in a path
  options.placement.provider = "cuda";
  options.placement.provider_libraries = {{"plug-in", "/lib/plug-in.so"}};
  options.placement.session_settings = {{"session.x", "1"}, {"session.y", ""}};
  options.placement.strict = true;
  options.intra_op_threads = 3;
  return options;
}

std::vector<ToWorker> messages_to_worker() {
  RunRequest run{.id = 7, .form = RunForm::floats, .input_region = 3, .output_region = 4};
  run.attached = {{3, 65536}, {4, 1U << 20}};
  run.forgotten = {1, 2};
  run.inputs = {{"x", ElementType::string, {2, 0, 5}, 64, 128}};
  run.outputs = {{"y", ElementType::float32, {}, 0, 4}};
  return {Load{"1.2.3", "/a folder", session_options(), {0, 5}, 1ULL << 30, 19}, run, Room{9, {{9, 1U << 21}}},
          NodesRequest{}};
}

std::vector<FromWorker> messages_from_worker() {
  return {Loaded{{{"x", "float32", {-1, 96}, "batch"}}, {{"y", "string", {}}}, "onnxruntime/cpu"},
          Failed{ErrorCode::cancelled, "net.onnx", "stopped"},
          Done{8, {{"y", ElementType::boolean, {3}, 0, 3}}, {5, 6, 7}}, NeedsRoom{8, 1ULL << 33},
          NodeList{{{"CPUExecutionProvider", 2, {"Conv (a)", "Add (b)"}}}}};
}

TEST(Message, ComesOutAsItWentIn) {
  for (const ToWorker& message : messages_to_worker()) {
    EXPECT_EQ(encode(decode_to_worker(encode(message))), encode(message));
  }
  for (const FromWorker& message : messages_from_worker()) {
    EXPECT_EQ(encode(decode_from_worker(encode(message))), encode(message));
  }
  const auto load = std::get<Load>(decode_to_worker(encode(messages_to_worker()[0])));
  EXPECT_EQ(load.session.graph, session_options().graph);
  EXPECT_EQ(load.session.placement.session_settings, session_options().placement.session_settings);
  EXPECT_TRUE(load.session.placement.strict);
  EXPECT_EQ(load.cores, (std::vector<int>{0, 5}));
  const auto run = std::get<RunRequest>(decode_to_worker(encode(messages_to_worker()[1])));
  EXPECT_EQ(run.form, RunForm::floats);
  EXPECT_EQ(run.inputs[0].type, ElementType::string);
  EXPECT_EQ(run.inputs[0].shape, (Shape{2, 0, 5}));
}

/// Either a message, or an Error that says that it is none.
template <typename Decode>
void expect_refused_or_read(const std::string& bytes, Decode&& decode) {
  try {
    decode(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::corrupt_data) << error.what();
  }
}

TEST(Message, EveryOneThatIsCutShortIsRefused) {
  const auto expect_all_refused = [](const std::string& whole, auto&& decode) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      expect_error(ErrorCode::corrupt_data, [&] { decode(whole.substr(0, length)); });
    }
    expect_error(ErrorCode::corrupt_data, [&] { decode(whole + "x"); });
  };
  for (const ToWorker& message : messages_to_worker()) expect_all_refused(encode(message), decode_to_worker);
  for (const FromWorker& message : messages_from_worker()) expect_all_refused(encode(message), decode_from_worker);
}

TEST(Message, HostileBytesAreRefusedOrRead) {
  std::mt19937 random(4);
  for (int round = 0; round < 2000; ++round) {
    for (const FromWorker& message : messages_from_worker()) {
      std::string bytes = encode(message);
      for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
      expect_refused_or_read(bytes, decode_from_worker);
      expect_refused_or_read(bytes, decode_to_worker);
    }
  }
}

TEST(Message, LengthsAndKindsThatCannotBeAreRefused) {
  std::string huge_list = encode(FromWorker(Done{1, {}}));
  std::memset(huge_list.data() + 2 * 8, 0x7f, 8);  // behind the kind and the number
  expect_error(ErrorCode::corrupt_data, [&] { decode_from_worker(huge_list); });
  std::string unknown = encode(FromWorker(NeedsRoom{}));
  unknown[0] = 99;
  expect_error(ErrorCode::corrupt_data, [&] { decode_from_worker(unknown); });
  std::string no_type = encode(FromWorker(Done{1, {{.name = "", .type = ElementType::string}}}));
  no_type[4 * 8] = static_cast<char>(static_cast<int>(ElementType::string) + 1);
  expect_error(ErrorCode::corrupt_data, [&] { decode_from_worker(no_type); });
}

TEST(Message, OneThatIsTooLargeIsNotMade) {
  RunRequest run;
  run.outputs = {{.name = std::string(kLargestMessage, 'x')}};
  expect_contains(expect_error(ErrorCode::unsupported, [&] { encode(ToWorker(run)); }), "65536");
}

}  // namespace
}  // namespace vivace::runtime
