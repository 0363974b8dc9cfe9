#include "runtime/tensor_copy.hpp"

#include <gtest/gtest.h>

#include <array>
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
}

template <typename T>
T filled_with(double value) {
  std::array<T, 2> elements{};
  fill(std::as_writable_bytes(std::span(elements)), element_type_of<T>(), value);
  EXPECT_EQ(elements[0], elements[1]);
  return elements[1];
}

TEST(Fill, GivesTheNumberInTheTypeOfTheElements) {
  EXPECT_EQ(filled_with<float>(-0.5), -0.5F);
  EXPECT_EQ(filled_with<double>(1e300), 1e300);
  EXPECT_EQ(filled_with<std::int64_t>(-7), -7);
  EXPECT_EQ(filled_with<std::uint8_t>(255), 255);
}

TEST(Fill, RefusesNumbersThatTheTypeCannotHold) {
  std::array<std::byte, 16> bytes{};
  for (const auto& [type, value] : {std::pair{ElementType::uint8, 256.0}, std::pair{ElementType::int32, 0.5},
                                    std::pair{ElementType::float16, 1.0}, std::pair{ElementType::string, 0.0}}) {
    test::expect_error(ErrorCode::invalid_argument, [&] { fill(bytes, type, value); });
  }
  fill(bytes, ElementType::float16, 0);
}

}  // namespace
}  // namespace vivace::runtime
