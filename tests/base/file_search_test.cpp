#include "base/file_search.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::base {
namespace {

class FileSearchTest : public ::testing::Test {
 protected:
  std::vector<std::string> find(const std::string& text, std::span<const std::string_view> wanted,
                                std::size_t following) const {
    test::write_text(file_, text);
    std::vector<std::string> found;
    search_file(file_, wanted, following, [&](std::string_view bytes) {
      found.emplace_back(bytes);
      return true;
    });
    return found;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "bytes";
};

using Texts = std::vector<std::string>;
constexpr std::array<std::string_view, 2> kWanted = {"needle", "pin"};

TEST_F(FileSearchTest, GivesWhatFollowsEachOccurrence) {
  EXPECT_EQ(find("a needle123 pin4pin", kWanted, 3), (Texts{"123", "4pi", ""}));
  EXPECT_EQ(find("nothing", kWanted, 3), Texts{});
  EXPECT_EQ(find("", kWanted, 3), Texts{});
}

TEST_F(FileSearchTest, FindsWhatLiesAcrossThePiecesOfTheFile) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  for (std::size_t shift = 0; shift < 24; ++shift) {
    const std::string text = std::string(kPiece - 6 + shift, 'x') + "needle12345678" + std::string(kPiece, 'y');
    EXPECT_EQ(find(text, kWanted, 8), Texts{"12345678"}) << shift;
  }
}

TEST_F(FileSearchTest, EndsWhereItIsToldTo) {
  test::write_text(file_, "pin pin pin");
  int calls = 0;
  search_file(file_, kWanted, 0, [&](std::string_view) { return ++calls < 2; });
  EXPECT_EQ(calls, 2);
}

TEST_F(FileSearchTest, MissingFilesAreNotFound) {
  test::expect_error(ErrorCode::not_found,
                     [&] { search_file(folder_ / "none", kWanted, 0, [](std::string_view) { return true; }); });
}

}  // namespace
}  // namespace vivace::base
