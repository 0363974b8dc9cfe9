#include "vivace/tensor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/errors.hpp"

namespace vivace {
namespace {

using test::expect_contains;
using test::expect_error;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Half {
  float value;
  std::uint16_t bits;
};

// By the definition of binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits, ties to even.
class ToFloat16 : public ::testing::TestWithParam<Half> {};
TEST_P(ToFloat16, RoundsToTheNearest) { EXPECT_EQ(to_float16(GetParam().value).bits, GetParam().bits); }
INSTANTIATE_TEST_SUITE_P(Values, ToFloat16,
                         ::testing::Values(Half{0, 0}, Half{-0.0F, 0x8000}, Half{1, 0x3C00}, Half{-2, 0xC000},
                                           Half{65504, 0x7BFF}, Half{65519, 0x7BFF}, Half{65520, 0x7C00},
                                           Half{kInfinity, 0x7C00}, Half{0x1p-14F, 0x0400}, Half{0x1p-24F, 0x0001},
                                           Half{0x1p-25F, 0x0000}, Half{0x1.8p-24F, 0x0002}, Half{0x1.FF8p-15F, 0x03FF},
                                           Half{0x1.FFCp-15F, 0x0400}, Half{1 + 0x1p-11F, 0x3C00},
                                           Half{1 + 0x3p-11F, 0x3C02}, Half{0.1F, 0x2E66}));

TEST(Float16, EveryValueIsItselfAfterAFloat) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const Float16 half{static_cast<std::uint16_t>(bits)};
    if (std::isnan(to_float(half))) continue;
    EXPECT_EQ(to_float16(to_float(half)).bits, half.bits);
  }
  EXPECT_TRUE(std::isnan(to_float(to_float16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(BFloat16, KeepsTheExponentAndRoundsTheFraction) {
  EXPECT_EQ(to_bfloat16(1).bits, 0x3F80);
  EXPECT_EQ(to_bfloat16(1 + 0x1p-8F).bits, 0x3F80);
  EXPECT_EQ(to_bfloat16(1 + 0x3p-8F).bits, 0x3F82);
  EXPECT_EQ(to_bfloat16(-kInfinity).bits, 0xFF80);
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_EQ(to_float(to_bfloat16(3.0F)), 3.0F);
}

TEST(Tensor, OwnsZerosThatCanBeWritten) {
  Tensor tensor(ElementType::float32, {2, 3});
  EXPECT_EQ(tensor.size(), 6U);
  for (const float value : tensor.values<float>()) EXPECT_EQ(value, 0);
  tensor.mutable_values<float>()[5] = 7;
  const Tensor copy = tensor;
  EXPECT_EQ(copy.values<float>()[5], 7);
  EXPECT_EQ(copy.values<float>().data(), tensor.values<float>().data()) << "copies share the elements";
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % 64, 0U);
}

TEST(Tensor, ViewsCopyNothingAndCannotBeWritten) {
  const std::vector<std::int64_t> values{1, 2, 3};
  Tensor view = Tensor::view<std::int64_t>({3}, values);
  EXPECT_EQ(view.values<std::int64_t>().data(), values.data());
  expect_error(ErrorCode::invalid_argument, [&] { view.mutable_values<std::int64_t>(); });
}

TEST(Tensor, RowsShareTheElements) {
  const std::vector<float> values{0, 1, 2, 3, 4, 5};
  const Tensor tensor = Tensor::of<float>({3, 2}, values);
  const Tensor rows = tensor.rows(1, 2);
  EXPECT_EQ(rows.shape(), (Shape{2, 2}));
  EXPECT_EQ(rows.values<float>().data(), tensor.values<float>().data() + 2);
  EXPECT_EQ(tensor.rows(3, 0).size(), 0U);
  expect_error(ErrorCode::invalid_argument, [&] { tensor.rows(2, 2); });
  expect_error(ErrorCode::invalid_argument, [&] { Tensor(ElementType::float32, {}).rows(0, 1); });
}

TEST(Tensor, ScalarsAndEmptyOnesAreTensors) {
  EXPECT_EQ(Tensor(ElementType::float64, {}).size(), 1U);
  EXPECT_EQ(Tensor(ElementType::string, {2, 0}).size(), 0U);
  EXPECT_EQ(Tensor().shape(), Shape{0});
}

TEST(Tensor, HoldsStrings) {
  const std::vector<std::string> words{"a", std::string("b\0c", 3)};
  const Tensor tensor = Tensor::of<std::string>({2}, words);
  EXPECT_EQ(tensor.values<std::string>()[1], words[1]);
  expect_error(ErrorCode::invalid_argument, [&] { tensor.bytes(); });
}

TEST(Tensor, OfMemoryThatIsNotThereHasNoElements) {
  expect_contains(expect_error(ErrorCode::invalid_argument,
                               [] {
                                 Tensor::shared(ElementType::float32, {2, 2}, nullptr, nullptr);
                               }),
                  "[2, 2]: has elements, but their memory is null");
  EXPECT_EQ(Tensor::shared(ElementType::float32, {2, 0}, nullptr, nullptr).size(), 0U);
  EXPECT_EQ(Tensor::view<float>({0}, {}).size(), 0U);
}

TEST(Tensor, RefusesWhatDoesNotFit) {
  const std::vector<float> three(3);
  expect_contains(expect_error(ErrorCode::invalid_argument,
                               [&] {
                                 Tensor::of<float>({2, 2}, three);
                               }),
                  "[2, 2]: takes 4 values, 3 were given");
  expect_error(ErrorCode::invalid_argument, [&] { Tensor::view<float>({4}, three); });
  expect_error(ErrorCode::invalid_argument, [] { Tensor(ElementType::int8, {-1}); });
  expect_error(ErrorCode::invalid_argument, [] { Tensor(ElementType::int8, {1 << 21, 1 << 21}); });
  expect_contains(expect_error(ErrorCode::invalid_argument, [&] { Tensor::of<float>({3}, three).values<double>(); }),
                  "holds float32, not float64");
}

}  // namespace
}  // namespace vivace
