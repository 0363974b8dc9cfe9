#include "base/files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::base {
namespace {

using test::TemporaryFolder;

TEST(NaturalLess, DigitsCompareAsNumbers) {
  std::vector<std::string> names{"track 10", "track 2", "Track 1", "track 02", "track", "track 2b", "a"};
  std::sort(names.begin(), names.end(), natural_less);
  EXPECT_EQ(names, (std::vector<std::string>{"Track 1", "a", "track", "track 02", "track 2", "track 2b", "track 10"}));
}

TEST(NaturalLess, NumbersLongerThanAnyIntegerCompare) {
  EXPECT_TRUE(natural_less("99999999999999999999998", "99999999999999999999999"));
  EXPECT_FALSE(natural_less("99999999999999999999999", "99999999999999999999998"));
}

struct Utf8 {
  std::string bytes;
  std::string valid;
};
class ToValidUtf8 : public ::testing::TestWithParam<Utf8> {};
TEST_P(ToValidUtf8, KeepsTheValidAndReplacesTheRest) { EXPECT_EQ(to_valid_utf8(GetParam().bytes), GetParam().valid); }

constexpr const char* kReplacement = "\xEF\xBF\xBD";
INSTANTIATE_TEST_SUITE_P(
    Cases, ToValidUtf8,
    ::testing::Values(Utf8{"Yé-Yé ♪ 🎵", "Yé-Yé ♪ 🎵"}, Utf8{"a\xFFz", std::string("a") + kReplacement + "z"},
                      Utf8{"\xC3", kReplacement}, Utf8{"\xC0\xAF", std::string(kReplacement) + kReplacement},
                      Utf8{"\xED\xA0\x80", std::string(kReplacement) + kReplacement + kReplacement},
                      Utf8{"\xF4\x90\x80\x80",
                           std::string(kReplacement) + kReplacement + kReplacement + kReplacement}));

TEST(ReadFile, LimitsWhatItReads) {
  const TemporaryFolder folder;
  test::write_text(folder / "ten", "0123456789");
  EXPECT_EQ(read_file(folder / "ten", 10), "0123456789");
  test::expect_error(ErrorCode::resource_exhausted, [&] { read_file(folder / "ten", 9); });
  test::expect_error(ErrorCode::not_found, [&] { read_file(folder / "none", 9); });
  test::expect_error(ErrorCode::unavailable, [&] { read_file(folder.path(), 9); });
}

TEST(AtomicFile, IsWrittenByOneAtATime) {
  const TemporaryFolder folder;
  {
    AtomicFile first(folder / "a");
    first.write("first");
    const std::string message = test::expect_error(ErrorCode::unavailable, [&] { AtomicFile second(folder / "a"); });
    test::expect_contains(message, "another process");
    test::expect_error(ErrorCode::unavailable, [&] { require_not_being_written(first.working_path()); });
    first.commit();
  }
  require_not_being_written(folder / "a.partial");
  AtomicFile next(folder / "a");
  EXPECT_EQ(test::read_text(folder / "a"), "first");
}

TEST(AtomicFile, ReplacesWhatALinkPointsTo) {
  const TemporaryFolder folder;
  for (const char* target : {"target", "not there yet"}) {
    const auto link = folder / ("link to " + std::string(target));
    std::filesystem::create_symlink(target, link);
    AtomicFile file(link);
    file.write("new");
    file.commit();
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(test::read_text(folder / target), "new");
  }
}

TEST(AtomicFile, AppearsWholeOrNotAtAll) {
  const TemporaryFolder folder;
  {
    AtomicFile file(folder / "a");
    file.write("lost");
    file.flush();
    EXPECT_EQ(folder.names(), std::set<std::string>{"a.partial"});
  }
  EXPECT_TRUE(folder.names().empty());
  AtomicFile file(folder / "a");
  file.write("header ");
  file.write(std::string(1'000'000, 'x'));
  file.write_at(0, "HEADER");
  file.commit();
  EXPECT_EQ(folder.names(), std::set<std::string>{"a"});
  EXPECT_EQ(read_file(folder / "a", 2'000'000), "HEADER " + std::string(1'000'000, 'x'));
}

TEST(AtomicFile, KeepsThePartialFileOnRequest) {
  const TemporaryFolder folder;
  {
    AtomicFile file(folder / "a");
    file.keep_partial();
    file.write("half");
    file.sync();
  }
  EXPECT_EQ(read_file(folder / "a.partial", 10), "half");
}

TEST(AtomicFile, FullDeviceIsExhausted) {
  AtomicFile file("/dev/full");
  file.write("x");
  test::expect_error(ErrorCode::resource_exhausted, [&] { file.commit(); });
}

}  // namespace
}  // namespace vivace::base
