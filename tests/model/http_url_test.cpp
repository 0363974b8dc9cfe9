#include "model/http_url.hpp"

#include <gtest/gtest.h>

#include "model/samples.hpp"

namespace vivace::model {
namespace {

struct Redirect {
  std::string base;
  std::string location;
  std::string expected;
};

class RedirectTarget : public ::testing::TestWithParam<Redirect> {};

TEST_P(RedirectTarget, IsResolved) {
  const Redirect& redirect = GetParam();
  EXPECT_EQ(resolve_redirect(parse_http_url(redirect.base), redirect.location).text(), redirect.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, RedirectTarget,
    ::testing::Values(Redirect{"https://a.org/x/y", "/z?q=1", "https://a.org/z?q=1"},
                      Redirect{"https://a.org/x/y?q=/", "z", "https://a.org/x/z"},
                      Redirect{"https://a.org", "z", "https://a.org/z"},
                      Redirect{"https://a.org/x", "//b.org/z", "https://b.org/z"},
                      Redirect{"http://a.org:81/x", "https://b.org", "https://b.org/"},
                      Redirect{"http://a.org:81/x", "/r?to=http://c", "http://a.org:81/r?to=http://c"},
                      Redirect{"https://a.org/x", "https://b.org:8443/z#f", "https://b.org:8443/z"}));

TEST(HttpUrl, RedirectOutOfHttpsIsRefused) {
  const HttpUrl base = parse_http_url("https://a.org/x");
  test::expect_contains(test::expect_error(ErrorCode::unavailable, [&] { resolve_redirect(base, "http://a.org/x"); }),
                        "without https");
}

class RefusedUrl : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedUrl, IsInvalid) {
  test::expect_error(ErrorCode::invalid_argument, [] { parse_http_url(GetParam()); });
}

INSTANTIATE_TEST_SUITE_P(Forms, RefusedUrl,
                         ::testing::Values("", "ftp://a.org/x", "https://", "https:///x", "https://user:pass@a.org/x",
                                           "https://a.org/a b", "http://a.org/\r\nHost: b", "a.org/x", "https://?x"));

}  // namespace
}  // namespace vivace::model
