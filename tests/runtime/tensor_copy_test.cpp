#include "runtime/tensor_copy.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

std::vector<int> corner(const std::vector<int>& src, const Shape& src_shape, const Shape& dst_shape) {
  std::vector<int> dst(element_count(dst_shape), 0);
  copy_corner(reinterpret_cast<const std::byte*>(src.data()), src_shape, reinterpret_cast<std::byte*>(dst.data()),
              dst_shape, sizeof(int));
  return dst;
}

TEST(CopyCorner, FillsUpAndCutsBack) {
  const std::vector<int> small = {1, 2, 3, 4, 5, 6};
  const std::vector<int> large = {1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0, 0};
  EXPECT_EQ(corner(small, {2, 3}, {3, 4}), large);
  EXPECT_EQ(corner(large, {3, 4}, {2, 3}), small);
}

TEST(CopyCorner, TakesTheShorterOfEveryAxis) {
  EXPECT_EQ(corner({1, 2, 3, 4}, {2, 2}, {1, 3}), (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(corner({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2}, {2, 1, 2}), (std::vector<int>{1, 2, 5, 6}));
  EXPECT_EQ(corner({7}, {}, {}), std::vector<int>{7});
  EXPECT_EQ(corner({1, 2}, {2}, {0}), std::vector<int>{});
  EXPECT_EQ(corner({}, {0, 3}, {0, 4}), std::vector<int>{});
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename T>
T filled_with(double value) {
  std::array<T, 2> elements{};
  fill(std::as_writable_bytes(std::span(elements)), element_type_of<T>(), value);
  EXPECT_EQ(std::memcmp(&elements[0], &elements[1], sizeof(T)), 0);
  return elements[1];
}

TEST(Fill, GivesTheNumberInTheTypeOfTheElements) {
  EXPECT_EQ(filled_with<float>(-0.5), -0.5F);
  EXPECT_EQ(filled_with<double>(1e300), 1e300);
  EXPECT_EQ(filled_with<std::int64_t>(-7), -7);
  EXPECT_EQ(filled_with<std::int64_t>(-std::ldexp(1.0, 63)), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(filled_with<std::uint64_t>(std::ldexp(1.0, 63)), std::uint64_t{1} << 63U);
  EXPECT_EQ(filled_with<std::uint8_t>(255), 255);
  EXPECT_TRUE(filled_with<bool>(1));
  EXPECT_EQ(to_float(filled_with<Float16>(-0.5)), -0.5F);
  EXPECT_EQ(to_float(filled_with<BFloat16>(3)), 3.0F);
}

TEST(Fill, GivesInfinityToFloats) {
  EXPECT_EQ(filled_with<float>(-kInfinity), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(filled_with<double>(kInfinity), kInfinity);
  EXPECT_EQ(to_float(filled_with<Float16>(-kInfinity)), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(to_float(filled_with<BFloat16>(kInfinity)), std::numeric_limits<float>::infinity());
}

TEST(Fill, RefusesNumbersThatTheTypeCannotHold) {
  const std::vector<std::pair<ElementType, double>> cases = {
      {ElementType::uint8, 256},
      {ElementType::uint8, -1},
      {ElementType::int32, 0.5},
      {ElementType::int64, std::ldexp(1.0, 63)},
      {ElementType::int64, kInfinity},
      {ElementType::uint64, std::ldexp(1.0, 64)},
      {ElementType::boolean, 2},
      {ElementType::float32, 1e300},
      {ElementType::float32, std::numeric_limits<double>::quiet_NaN()},
      {ElementType::float16, 65520},
      {ElementType::bfloat16, 3.4e38},
      {ElementType::string, 0},
  };
  std::array<std::byte, 16> bytes{};
  for (const auto& [type, value] : cases) {
    EXPECT_FALSE(can_hold(type, value)) << element_type_name(type) << " " << value;
    test::expect_error(ErrorCode::invalid_argument, [&, type = type, value = value] { fill(bytes, type, value); });
  }
}

}  // namespace
}  // namespace vivace::runtime
