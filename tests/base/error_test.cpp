#include "vivace/error.hpp"

#include <gtest/gtest.h>

namespace vivace {
namespace {

TEST(Error, SaysWhereThenWhat) {
  const Error error(ErrorCode::corrupt_data, "a b.flac", "not audio");
  EXPECT_STREQ(error.what(), "a b.flac: not audio");
  EXPECT_EQ(error.context(), "a b.flac");
  EXPECT_EQ(error.message(), "not audio");
  EXPECT_EQ(error_code_name(error.code()), "corrupt_data");
}

TEST(Error, NeedsNoContext) { EXPECT_STREQ(Error(ErrorCode::internal, "oops").what(), "oops"); }

}  // namespace
}  // namespace vivace
