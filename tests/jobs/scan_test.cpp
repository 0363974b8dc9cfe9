#include "jobs/scan.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace vivace::jobs
