#include "jobs/scan.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>

#include "support/child_process.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::jobs {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

void touch(const fs::path& path) { test::write_text(path, "x"); }

std::vector<std::string> names(const std::vector<fs::path>& found, const fs::path& root) {
  std::vector<std::string> relative;
  for (const fs::path& path : found) relative.push_back(path.lexically_relative(root).string());
  return relative;
}

TEST(Scan, FoldersGiveTheirAudioInNaturalOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"b/10.mp3", "b/9.MP3", "a.flac", "c.txt", ".hidden/x.wav", "b/.y.ogg", "x.wav/inside.ogg"}) {
    touch(folder / name);
  }
  const std::vector<std::string> expected{"a.flac", "b/9.MP3", "b/10.mp3", "x.wav/inside.ogg"};
  EXPECT_EQ(names(scan({folder.path()}, audio_extensions()), folder.path()), expected);
}

TEST(Scan, NamedFilesAreTakenWhateverTheyAre) {
  const TemporaryFolder folder;
  touch(folder / "notes.txt");
  EXPECT_EQ(scan({folder / "notes.txt", folder / "missing"}, audio_extensions()).size(), 2U);
}

TEST(Scan, LinksAreFollowedButNoFolderIsReadTwice) {
  const TemporaryFolder folder;
  touch(folder / "a/song.mp3");
  fs::create_directory_symlink("..", folder / "a/loop");
  fs::create_symlink("song.mp3", folder / "a/linked.mp3");
  fs::create_symlink("nowhere", folder / "a/dangling.mp3");
  const std::vector<std::string> expected{"a/dangling.mp3", "a/linked.mp3", "a/song.mp3"};
  EXPECT_EQ(names(scan({folder.path()}, audio_extensions()), folder.path()), expected);
}

struct PatternCase {
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::vector<std::string> expected;
};

class ScanPatterns : public testing::TestWithParam<PatternCase> {};

TEST_P(ScanPatterns, ChooseFiles) {
  const TemporaryFolder folder;
  const std::vector<fs::path> all = {"Live/b.mp3", "Live/c.wav", "a.mp3", "x/Live/d.mp3", "n.txt", ".x/a.mp3"};
  for (const fs::path& name : all) touch(folder.path() / name);
  ScanOptions options{audio_extensions(), GetParam().include, GetParam().exclude};
  std::vector<fs::path> found;
  for (const FoundFile& file : scan_files({folder.path()}, options)) found.push_back(file.path);
  EXPECT_EQ(names(found, folder.path()), GetParam().expected);
  for (const fs::path& name : all) {
    const bool is_found = std::ranges::find(found, folder.path() / name) != found.end();
    EXPECT_EQ(would_find(folder.path(), folder.path() / name, options), is_found) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ScanPatterns,
                         testing::Values(PatternCase{{}, {"Live"}, {"a.mp3"}},
                                         PatternCase{{}, {"Live/*"}, {"a.mp3", "x/Live/d.mp3"}},
                                         PatternCase{{}, {"*/Live/*"}, {"Live/b.mp3", "Live/c.wav", "a.mp3"}},
                                         PatternCase{{"*.wav"}, {}, {"Live/c.wav"}},
                                         PatternCase{{"Live/*", "a*"}, {"c*"}, {"Live/b.mp3", "a.mp3"}}));

TEST(ScanFiles, TellSizeAndTime) {
  const TemporaryFolder folder;
  touch(folder / "a.mp3");
  const timespec times[] = {{1, 2}, {1'700'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder / "a.mp3").c_str(), times, 0), 0);
  const std::vector<FoundFile> found = scan_files({folder.path()}, {audio_extensions()});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].size, 1);
  EXPECT_EQ(found[0].mtime_ns, 1'700'000'000'123'456'789);
}

TEST(ScanFiles, HiddenOnesAndLinksAreAMatterOfOptions) {
  const TemporaryFolder folder;
  touch(folder / "songs/.hidden.mp3");
  touch(folder / "other/a.mp3");
  fs::create_directory_symlink("../other", folder / "songs/linked");
  const auto count = [&](bool hidden, LinkPolicy links) {
    return scan_files({folder / "songs"}, {.extensions = {".mp3"}, .hidden = hidden, .links = links}).size();
  };
  EXPECT_EQ(count(false, LinkPolicy::follow), 1U);
  EXPECT_EQ(count(true, LinkPolicy::follow), 2U);
  EXPECT_EQ(count(true, LinkPolicy::skip), 1U);
}

TEST(ScanFiles, UnsearchedFoldersArePassedOverWhateverLeadsToThem) {
  const TemporaryFolder folder;
  touch(folder / "a.mp3");
  touch(folder / "s [1]/b.mp3");
  fs::create_directory_symlink("s [1]", folder / "linked");
  const ScanOptions options{.extensions = {".mp3"}, .unsearched = {folder / "s [1]"}};
  EXPECT_EQ(scan_files({folder.path()}, options).size(), 1U);
  EXPECT_FALSE(would_find(folder.path(), folder / "s [1]/b.mp3", options));
}

TEST(Scan, DevicesArePassedOver) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.mp3").c_str(), 0600), 0);
  EXPECT_TRUE(scan({folder.path()}, audio_extensions()).empty());
}

// Root may read every folder, so the scan is done by a process that gave its rights away.
TEST(Scan, FoldersThatCannotBeReadStayInTheList) {
  const TemporaryFolder folder;
  touch(folder / "closed/song.mp3");
  fs::permissions(folder / "closed", fs::perms::none);
  fs::permissions(folder.path(), fs::perms::all);
  const pid_t process = test::start_process([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) throw std::runtime_error("the user cannot be changed");
    const std::vector<std::string> expected{"closed"};
    if (names(scan({folder.path()}, audio_extensions()), folder.path()) != expected) throw std::runtime_error("lost");
  });
  EXPECT_EQ(test::wait_for(process), 0);
  fs::permissions(folder / "closed", fs::perms::owner_all);
}

}  // namespace
}  // namespace vivace::jobs
