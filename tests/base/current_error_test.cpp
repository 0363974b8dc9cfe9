#include "base/current_error.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <ostream>
#include <stdexcept>
#include <system_error>

#include "support/errors.hpp"

namespace vivace::base {
namespace {

struct Thrown {
  const char* name;
  std::function<void()> action;
  ErrorCode code;
};
std::ostream& operator<<(std::ostream& out, const Thrown& thrown) { return out << thrown.name; }

void fail(std::errc error) { throw std::system_error(std::make_error_code(error)); }

class WithErrors : public ::testing::TestWithParam<Thrown> {};
TEST_P(WithErrors, WhateverIsThrownComesOutAsAnErrorOfTheRightCode) {
  test::expect_error(GetParam().code, [] { with_errors(GetParam().action); });
}
INSTANTIATE_TEST_SUITE_P(
    Thrown, WithErrors,
    ::testing::Values(
        Thrown{"error", [] { throw Error(ErrorCode::cancelled, "stopped"); }, ErrorCode::cancelled},
        Thrown{"memory", [] { throw std::bad_alloc(); }, ErrorCode::resource_exhausted},
        Thrown{"threads", [] { fail(std::errc::resource_unavailable_try_again); }, ErrorCode::resource_exhausted},
        Thrown{"descriptors", [] { fail(std::errc::too_many_files_open); }, ErrorCode::resource_exhausted},
        Thrown{"file", [] { fail(std::errc::no_such_file_or_directory); }, ErrorCode::not_found},
        Thrown{"system", [] { fail(std::errc::broken_pipe); }, ErrorCode::internal},
        Thrown{"exception", [] { throw std::logic_error("wrong"); }, ErrorCode::internal},
        Thrown{"number", [] { throw 1; }, ErrorCode::internal}));

TEST(WithErrors, ResultsAreGivenBackAsTheyAre) {
  int value = 1;
  int& same = with_errors([&]() -> int& { return value; });
  EXPECT_EQ(&same, &value);
}

}  // namespace
}  // namespace vivace::base
