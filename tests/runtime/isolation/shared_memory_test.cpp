#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

#include "runtime/isolation/placed_tensors.hpp"
#include "runtime/isolation/shared_region.hpp"
#include "support/errors.hpp"

namespace vivace::runtime {
namespace {

using test::expect_error;

TEST(SharedRegion, IsTheSameMemoryOnBothSides) {
  const SharedRegion mine(70'000);
  const SharedRegion theirs(Descriptor(::dup(mine.descriptor())), 70'000);
  mine.bytes()[69'999] = std::byte{42};
  EXPECT_EQ(theirs.bytes()[69'999], std::byte{42});
  EXPECT_NE(mine.bytes().data(), theirs.bytes().data());
  EXPECT_NE(::ftruncate(mine.descriptor(), 10), 0) << "it could be taken from under the other side";
}

TEST(SharedRegion, RefusesWhatCouldShrinkOrIsOfAnotherSize) {
  const Descriptor open_file(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(open_file.get(), 4096), 0);
  expect_error(ErrorCode::corrupt_data, [&] { SharedRegion(open_file, 4096); });
  const SharedRegion sealed(4096);
  const Descriptor copy(::dup(sealed.descriptor()));
  expect_error(ErrorCode::corrupt_data, [&] { SharedRegion(copy, 8192); });
  expect_error(ErrorCode::corrupt_data, [&] { SharedRegion(Descriptor(), 4096); });
}

TEST(SharedRegion, MoreThanThereIsIsRefused) {
  expect_error(ErrorCode::resource_exhausted, [] { SharedRegion(std::size_t{1} << 62); });
}

TEST(RegionPool, UsesRegionsAgainAndFreesThoseThatAreNotWanted) {
  const auto pool = std::make_shared<RegionPool>();
  auto lease = pool->take(1000);
  const std::uint64_t small = lease->id;
  lease.reset();
  EXPECT_EQ(pool->take(900)->id, small);
  lease = pool->take(50 << 20);
  const std::uint64_t outlier = lease->id;
  lease->announced = true;
  EXPECT_NE(outlier, small);
  lease.reset();
  EXPECT_GT(pool->idle_bytes(), 50U << 20);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pool->take(1000)->id, small);
  EXPECT_LT(pool->idle_bytes(), 1U << 20);
  EXPECT_EQ(pool->take_freed(), std::vector<std::uint64_t>{outlier});
  EXPECT_TRUE(pool->take_freed().empty());
}

TEST(RegionPool, LeasesOutliveIt) {
  auto pool = std::make_shared<RegionPool>();
  const auto lease = pool->take(100);
  pool.reset();
  lease->memory.bytes()[99] = std::byte{1};
}

struct Strings {
  std::vector<std::string> texts{"", "a", std::string("\0x", 2), std::string(1000, 'y')};
  Tensor tensor = Tensor::of<std::string>({2, 2}, texts);
};

TEST(PlacedTensors, ComeOutAsTheyWentIn) {
  const SharedRegion region(65536);
  const std::vector<double> numbers{1.5, -2, 1e300};
  const Tensor doubles = Tensor::of<double>({3, 1}, numbers);
  const Strings strings;
  Layout layout;
  const PlacedTensor first = layout.place("texts", strings.tensor);
  const PlacedTensor second = layout.place("numbers", doubles);
  const PlacedTensor none = layout.place("none", Tensor(ElementType::int8, {0, 7}));
  EXPECT_EQ(second.offset % 64, 0U);
  write_elements(strings.tensor, first, region.bytes());
  write_elements(doubles, second, region.bytes());
  const Tensor texts = tensor_at(first, region.bytes(), nullptr);
  EXPECT_TRUE(std::equal(strings.texts.begin(), strings.texts.end(), texts.values<std::string>().begin()));
  const Tensor read = tensor_at(second, region.bytes(), nullptr);
  EXPECT_EQ(read.shape(), (Shape{3, 1}));
  EXPECT_EQ(read.values<double>()[2], 1e300);
  EXPECT_EQ(tensor_at(none, region.bytes(), nullptr).shape(), (Shape{0, 7}));
}

TEST(PlacedTensors, PlacesThatCannotBeAreRefused) {
  const SharedRegion region(65536);
  const auto refused = [&](PlacedTensor place) {
    expect_error(ErrorCode::corrupt_data, [&] { tensor_at(place, region.bytes(), nullptr); });
  };
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  refused({"beyond", ElementType::float32, {4}, 65536, 16});
  refused({"overflow", ElementType::float32, {4}, kHuge - 63, 128});
  refused({"long", ElementType::float32, {1 << 20}, 64, 4U << 20});
  refused({"unaligned", ElementType::float32, {4}, 4, 16});
  refused({"other size", ElementType::float32, {5}, 0, 16});
  refused({"negative", ElementType::float32, {-1, -4}, 0, 16});
  refused({"too many", ElementType::float32, {1LL << 40, 1LL << 40}, 0, 0});
  refused({"no room for lengths", ElementType::string, {1LL << 40}, 0, 64});
}

TEST(PlacedTensors, StringsBeyondTheirEndAreRefused) {
  const SharedRegion region(65536);
  const Strings strings;
  Layout layout;
  const PlacedTensor place = layout.place("texts", strings.tensor);
  write_elements(strings.tensor, place, region.bytes());
  const std::uint64_t length = ~std::uint64_t{0} - 4;
  std::memcpy(region.bytes().data() + sizeof length, &length, sizeof length);
  expect_error(ErrorCode::corrupt_data, [&] { tensor_at(place, region.bytes(), nullptr); });
}

}  // namespace
}  // namespace vivace::runtime
