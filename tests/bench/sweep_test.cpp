#include "bench/sweep.hpp"

#include <gtest/gtest.h>

#include "support/errors.hpp"

namespace vivace::bench {
namespace {

using test::expect_contains;
using test::expect_error;

TEST(Sweep, AxesAreNamesWithValues) {
  const Axis axis = parse_axis("backend=onnxruntime,openvino");
  EXPECT_EQ(axis.name, "backend");
  EXPECT_EQ(axis.values, (std::vector<std::string>{"onnxruntime", "openvino"}));
  for (const char* wrong : {"", "batch", "=1", "batch=", "batch=1,,2"}) {
    expect_error(ErrorCode::invalid_argument, [&] { parse_axis(wrong); });
  }
}

TEST(Sweep, CombinationsChangeTheLastAxisFastest) {
  const auto settings = combinations({{"a", {"1", "2"}}, {"b", {"x", "y"}}});
  ASSERT_EQ(settings.size(), 4U);
  EXPECT_EQ(to_text(settings[0]), "a=1 b=x");
  EXPECT_EQ(to_text(settings[1]), "a=1 b=y");
  EXPECT_EQ(to_text(settings[3]), "a=2 b=y");
  EXPECT_EQ(combinations({}).size(), 1U);
}

TEST(Sweep, ValuesAndNamesAreThereOnce) {
  expect_contains(expect_error(ErrorCode::invalid_argument, [] { parse_axis("batch=1,2,1"); }), "1 twice");
  const std::vector<Axis> twice{{"batch", {"1"}}, {"callers", {"1"}}, {"batch", {"2"}}};
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { combinations(twice); }), "batch");
}

TEST(Sweep, SettingsAreNamesWithAValueEach) {
  EXPECT_EQ(to_text(parse_setting("backend=openvino,threads=2")), "backend=openvino threads=2");
  for (const char* wrong : {"", "backend", "backend=", "backend=openvino,", "=2"}) {
    expect_error(ErrorCode::invalid_argument, [&] { parse_setting(wrong); });
  }
}

}  // namespace
}  // namespace vivace::bench
