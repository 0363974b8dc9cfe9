#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

namespace vivace::base {
namespace {

struct Vector {
  std::string text;
  std::size_t times;
  std::string digest;
};

// NIST FIPS 180-4 examples: one block, none, two blocks, a million letters.
class Sha256Vector : public ::testing::TestWithParam<Vector> {};

TEST_P(Sha256Vector, PieceByPieceEqualsPublished) {
  Sha256 digest;
  for (std::size_t i = 0; i < GetParam().times; ++i) digest.update(GetParam().text);
  EXPECT_EQ(digest.finish(), GetParam().digest);
}

TEST_P(Sha256Vector, FileEqualsPublished) {
  const test::TemporaryFolder folder;
  std::string content;
  for (std::size_t i = 0; i < GetParam().times; ++i) content += GetParam().text;
  test::write_text(folder / "bytes", content);
  EXPECT_EQ(sha256_of_file(folder.path() / "bytes"), GetParam().digest);
}

INSTANTIATE_TEST_SUITE_P(
    Published, Sha256Vector,
    ::testing::Values(Vector{"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                      Vector{"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                      Vector{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
                      Vector{"aaaaaaaaaa", 100000,
                             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}));

TEST(Sha256, MissingFileIsNotFoundAndFolderIsUnavailable) {
  const test::TemporaryFolder folder;
  test::expect_error(ErrorCode::not_found, [&] { sha256_of_file(folder / "none"); });
  test::expect_error(ErrorCode::unavailable, [&] { sha256_of_file(folder.path()); });
}

}  // namespace
}  // namespace vivace::base
