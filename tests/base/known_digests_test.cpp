#include "base/known_digests.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "base/cache_folder.hpp"
#include "base/sha256.hpp"
#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace fs = std::filesystem;

namespace vivace::base {
namespace {

class KnownDigestsTest : public ::testing::Test {
 protected:
  KnownDigestsTest() {
    test::write_text(file_, "some bytes");
    sha256_ = sha256_of_file(file_);
  }

  /// Waits until the file's last change is long enough ago for it to be remembered.
  static void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(3100)); }

  std::size_t entries() const {
    std::error_code absent;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(cache_, absent), fs::directory_iterator()));
  }

  /// Puts other words in the place of the only digest that is remembered.
  void forge(const std::string& sha256) const {
    const fs::path entry = fs::directory_iterator(cache_)->path();
    const std::string text = test::read_text(entry);
    test::write_text(entry, text.substr(0, text.find('\n') + 1) + sha256);
  }

  test::TemporaryFolder folder_;
  fs::path file_ = folder_ / "model.onnx";
  fs::path cache_ = folder_ / "cache/verified";
  KnownDigests files_{cache_};
  std::string sha256_;
};

TEST_F(KnownDigestsTest, AFileThatJustChangedIsReadEachTime) {
  EXPECT_EQ(files_.sha256_of(file_), sha256_);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(KnownDigestsTest, AnUnchangedFileIsNotReadAgainAndAChangedOneIs) {
  settle();
  EXPECT_EQ(files_.sha256_of(file_), sha256_);
  ASSERT_EQ(entries(), 1U);
  const std::string other(64, 'a');
  forge(other);
  EXPECT_EQ(files_.sha256_of(file_), other) << "what was remembered was not used";
  forge("no digest");
  EXPECT_EQ(files_.sha256_of(file_), sha256_);

  forge(other);
  test::write_text(file_, "bytes some");
  EXPECT_EQ(files_.sha256_of(file_), sha256_of_file(file_));
}

TEST_F(KnownDigestsTest, WhatOthersCouldHaveWrittenIsNotUsed) {
  settle();
  files_.sha256_of(file_);
  forge(std::string(64, 'a'));
  fs::permissions(cache_, fs::perms::group_write, fs::perm_options::add);
  EXPECT_EQ(files_.sha256_of(file_), sha256_) << "others can put files into the folder";
  fs::permissions(cache_, fs::perms::group_write, fs::perm_options::remove);
  fs::permissions(fs::directory_iterator(cache_)->path(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(files_.sha256_of(file_), sha256_) << "others can write it";
}

TEST_F(KnownDigestsTest, WhereNothingCanBeRememberedTheFileIsRead) {
  EXPECT_EQ(KnownDigests({}).sha256_of(file_), sha256_);
  EXPECT_EQ(KnownDigests("/dev/null/cache").sha256_of(file_), sha256_);
  test::expect_error(ErrorCode::not_found, [&] { files_.sha256_of(folder_ / "none"); });
}

TEST_F(KnownDigestsTest, TheUsersCacheIsWhereOthersHaveTheirs) {
  settle();
  const test::ScopedEnvironment home("HOME", folder_.path().string());
  const test::ScopedEnvironment cache("XDG_CACHE_HOME", std::nullopt);
  KnownDigests::from_environment().sha256_of(file_);
  EXPECT_TRUE(fs::exists(folder_ / ".cache/vivace/verified"));
}

// "All paths set in these environment variables must be absolute. If an implementation encounters a relative path […]
// it should consider the path invalid and ignore it." (XDG Base Directory Specification)
TEST(CacheFolder, OfARelativePathIsTheOneOfTheHome) {
  const test::ScopedEnvironment home("HOME", "/home/me");
  const test::ScopedEnvironment cache("XDG_CACHE_HOME", "caches");
  EXPECT_EQ(cache_folder(), "/home/me/.cache/vivace");
}

}  // namespace
}  // namespace vivace::base
