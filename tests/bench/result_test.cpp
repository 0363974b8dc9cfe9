#include "bench/result.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;

Result whole_result() {
  Result result;
  result.environment = {"2026-01-02T03:04:05Z",
                        "host",
                        "CPU \"fast\"",
                        {"avx2"},
                        2,
                        "performance",
                        std::size_t{8} << 30,
                        "6.1",
                        "0.1.0",
                        "abc-dirty",
                        {{"onnxruntime", "1.31.1"}},
                        {"bench", "run", "a b.onnx"}};
  Run run;
  run.name = "batch=8";
  run.target = "model net.onnx";
  run.settings = {{"batch", "8"}};
  run.load = {"poisson", 3, 50, 4, 25, 0.05, 0xFFFFFFFFFFFFFFFFU};
  run.model_sha256 = "ff";
  run.input_sha256 = "ee";
  run.settings_before = 2;
  run.cold_load_s = 0.75;
  run.load_model_s = 0.5;
  run.first_s = 0.25;
  run.warm_up_s = 1;
  run.begin_unix_s = 1.8e9;
  run.duration_s = 10;
  run.samples = {{0.1, 0.2, 0.3, 8, 1, false}, {0.123456789, 1, 2, 1, 2, true}};
  run.stage_s = {{"queue", 0.125}};
  run.cpu_s = 3;
  run.peak_resident_bytes = 1 << 20;
  run.slice_ends_s = {2.5, 10};
  run.audio_s = 60;
  run.found = {{"peak_rate_hz", 99.5}};
  run.problems = {"late"};
  run.notes = {"drift"};
  result.runs = {run, Run{}};
  return result;
}

std::string replaced(std::string text, std::string_view old, std::string_view with) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), with);
}

TEST(ResultJson, IsReadBackAsItWas) {
  const test::TemporaryFolder folder;
  const Result written = whole_result();
  write_json(written, folder / "a.json");
  const Result result = read_json(folder / "a.json");
  ASSERT_EQ(result.runs.size(), 2U);
  const bench::Run& run = result.runs.front();
  ASSERT_EQ(run.samples.size(), 2U);
  EXPECT_EQ(run.samples[1].intended_s, 0.123456789);
  EXPECT_TRUE(run.samples[1].failed);
  EXPECT_EQ(run.samples[0].items, 8U);
  EXPECT_EQ(run.load.seed, 0xFFFFFFFFFFFFFFFFU);
  EXPECT_EQ(result.environment.command.back(), "a b.onnx");
  EXPECT_EQ(to_json(result), to_json(written));
}

TEST(ResultJson, HasIntervalsForThoseWhoReadItElsewhere) {
  Result result = whole_result();
  result.runs.front().samples.clear();
  for (int i = 1; i <= 100; ++i) result.runs.front().samples.push_back({0, 0, 0.25 * i, 1, 0, false});
  const std::string text = to_json(result);
  expect_contains(text, R"("p50":{"value":12.5,"low":10.0,"high":15.25})");
  EXPECT_EQ(text.find("p999"), std::string::npos);
}

TEST(ResultJson, TextsThatAreNotUtf8AreWritten) {
  Result result;
  result.environment.command = {"a\xFF.onnx"};
  EXPECT_EQ(parse_json(to_json(result), "r").environment.command.front(), "a\xEF\xBF\xBD.onnx");
}

struct Damage {
  std::string_view old;
  std::string_view with;
  std::string_view told;
};

class DamagedResult : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedResult, IsRefusedWithThePlace) {
  const std::string text = replaced(to_json(whole_result()), GetParam().old, GetParam().with);
  const std::string message = expect_error(ErrorCode::corrupt_data, [&] { parse_json(text, "base.json"); });
  expect_contains(message, "base.json");
  expect_contains(message, std::string(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    Places, DamagedResult,
    ::testing::Values(Damage{"\"cores\":2", "\"cores\":-2", "environment.cores"},
                      Damage{"\"cores\":2", "\"cores\":2.5", "environment.cores"},
                      Damage{"\"cores\":2,", "", "environment.cores"},
                      Damage{"\"first_s\":0.25", "\"first_s\":1e300", "runs[0].first_s"},
                      Damage{"\"first_s\":0.25", "\"first_s\":null", "runs[0].first_s"},
                      Damage{"[100000000,123456789]", "[100000000]", "runs[0].samples"},
                      Damage{"[300000000,2000000000]", "[3,2000000000]", "[0] goes back in time"},
                      Damage{"\"failed\":[1]", "\"failed\":[2]", "runs[0].samples.failed"},
                      Damage{"\"stream\":[1,2]", "\"stream\":[1,4294967296]", "runs[0].samples.stream"},
                      Damage{"\"notes\":[\"drift\"]", "\"notes\":\"drift\"", "runs[0].notes"},
                      Damage{"\"runs\":[", "\"runs\":[3,", "runs[0]"}, Damage{"vivace-bench", "else", "schema"},
                      Damage{"{\"schema\"", "\"schema\"", "not JSON"}));

TEST(ResultJson, HashesOfTheFirstSchemaAreThoseOfAllRuns) {
  std::string text = to_json(whole_result());
  const std::string hashes = R"("model_sha256":"ff","input_sha256":"ee",)";
  text = replaced(text, "\"schema_version\":2", "\"schema_version\":1");
  text = replaced(text, hashes, "");
  text = replaced(text, R"("cold_load_s":0.75,)", "");
  text = replaced(text, R"("begin_unix_s":1800000000.0,)", "");
  text = replaced(text, R"("command":)", hashes + R"("command":)");
  const Result result = parse_json(text, "r");
  ASSERT_EQ(result.runs.size(), 2U);
  for (const bench::Run& run : result.runs) {
    EXPECT_EQ(run.model_sha256, "ff");
    EXPECT_EQ(run.input_sha256, "ee");
  }
}

TEST(ResultJson, LaterSchemasAreNotRead) {
  const std::string text = replaced(to_json(Result{}), "\"schema_version\":2", "\"schema_version\":3");
  expect_contains(expect_error(ErrorCode::unsupported, [&] { parse_json(text, "r"); }), "schema version 3");
}

TEST(ResultJson, MissingFileIsNotFound) {
  expect_error(ErrorCode::not_found, [] { read_json("/does/not/exist.json"); });
}

}  // namespace
}  // namespace vivace::bench
