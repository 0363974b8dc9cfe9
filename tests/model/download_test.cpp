#include "model/download.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "base/sha256.hpp"
#include "model/local_server.hpp"
#include "model/samples.hpp"
#include "support/environment.hpp"

namespace fs = std::filesystem;

namespace vivace::model {
namespace {

using test::expect_contains;
using test::expect_error;
using test::LocalServer;

using Ranges = std::vector<std::string>;

std::string sha256_of(const std::string& bytes) {
  base::Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

std::string sample_body() {
  std::string body(300'000, '\0');
  std::iota(body.begin(), body.end(), '\1');
  return body;
}

class DownloadTest : public ::testing::Test {
 protected:
  Download wanted(const std::string& url) const { return {url, target_, body_.size(), sha256_of(body_)}; }

  void get(const Download& wanted) {
    DownloadPolicy policy;
    policy.connect_timeout = std::chrono::milliseconds(2000);
    policy.read_timeout = std::chrono::milliseconds(2000);
    policy.first_pause = std::chrono::milliseconds(1);
    download(
        wanted, [this](std::uint64_t done, std::uint64_t total) { progress_.emplace_back(done, total); },
        stop_.get_token(), policy);
  }

  void leave_part(const std::string& bytes) const { test::write_text(part_, bytes); }
  void expect_target() const {
    EXPECT_TRUE(test::read_text(target_) == body_);
    EXPECT_FALSE(fs::exists(part_));
  }
  void expect_nothing_kept() const {
    EXPECT_FALSE(fs::exists(target_));
    EXPECT_EQ(fs::file_size(part_), 0U);
  }

  test::TemporaryFolder folder_;
  fs::path target_ = folder_.path() / "model.onnx";
  fs::path part_ = folder_.path() / "model.onnx.part";
  std::string body_ = sample_body();
  std::stop_source stop_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> progress_;
};

/// Serves the body as a well-behaved server does, ranges included.
LocalServer::Answer good(const std::string& body) {
  return [body](const auto&, auto& response) { response.set_content(body, "application/octet-stream"); };
}

TEST_F(DownloadTest, WholeFileArrivesWithProgress) {
  const LocalServer server(good(body_));
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges(), Ranges{""});
  ASSERT_FALSE(progress_.empty());
  EXPECT_TRUE(std::is_sorted(progress_.begin(), progress_.end()));
  EXPECT_EQ(progress_.back(), std::pair(std::uint64_t{300'000}, std::uint64_t{300'000}));
}

TEST_F(DownloadTest, CutDownloadGoesOnWhereItStopped) {
  int calls = 0;
  const LocalServer server([&](const auto&, auto& response) {
    if (calls++ == 0) return test::send_cut(response, body_, 100'000);
    response.set_content(body_, "application/octet-stream");
  });
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges(), (Ranges{"", "bytes=100000-"}));
}

TEST_F(DownloadTest, PartOfAnEarlierProcessIsContinued) {
  leave_part(body_.substr(0, 250'000));
  const LocalServer server(good(body_));
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges(), Ranges{"bytes=250000-"});
}

TEST_F(DownloadTest, WholePartNeedsNoRequest) {
  leave_part(body_);
  const LocalServer server(good(body_));
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges(), Ranges{});
}

TEST_F(DownloadTest, ServerThatIgnoresRangesStartsAgain) {
  leave_part(body_.substr(0, 250'000));
  const LocalServer server([&](const auto&, auto& response) { test::send_whole(response, body_); });
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges(), Ranges{"bytes=250000-"});
}

TEST_F(DownloadTest, RefusedRangeStartsAgain) {
  leave_part(body_.substr(0, 10));
  const LocalServer server([&](const auto& request, auto& response) {
    if (request.has_header("Range")) {
      response.status = 416;
    } else {
      response.set_content(body_, "application/octet-stream");
    }
  });
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges(), (Ranges{"bytes=10-", ""}));
}

TEST_F(DownloadTest, PartOfAnotherFileIsReplaced) {
  leave_part(std::string(1000, 'x'));
  const LocalServer server(good(body_));
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges(), (Ranges{"bytes=1000-", ""}));
}

TEST_F(DownloadTest, PartThatIsTooLongIsReplaced) {
  leave_part(body_ + "more");
  const LocalServer server(good(body_));
  get(wanted(server.url("/a")));
  expect_target();
}

TEST_F(DownloadTest, WrongHashIsRefused) {
  std::string other = body_;
  other.back() ^= 1;
  const LocalServer server(good(other));
  const std::string message = expect_error(ErrorCode::corrupt_data, [&] { get(wanted(server.url("/a"))); });
  expect_contains(message, "has SHA-256 " + sha256_of(other) + ", expected " + sha256_of(body_));
  expect_nothing_kept();
}

TEST_F(DownloadTest, TooLongBodyIsRefused) {
  const LocalServer server(good(body_ + "!"));
  expect_contains(expect_error(ErrorCode::corrupt_data, [&] { get(wanted(server.url("/a"))); }),
                  "longer than 300000 bytes");
  expect_nothing_kept();
}

TEST_F(DownloadTest, TooShortBodyIsUnavailable) {
  const LocalServer server([&](const auto&, auto& response) { test::send_whole(response, body_.substr(0, 5)); });
  expect_contains(expect_error(ErrorCode::unavailable, [&] { get(wanted(server.url("/a"))); }),
                  "only 5 of 300000 bytes");
}

TEST_F(DownloadTest, UnpinnedFileIsTakenAsItComes) {
  const LocalServer server(good("{}"));
  leave_part("old");
  get({server.url("/a.json"), target_, 1000, ""});
  EXPECT_EQ(test::read_text(target_), "{}");
  EXPECT_EQ(server.ranges(), Ranges{""});
  expect_error(ErrorCode::corrupt_data, [&] { get({server.url("/a.json"), target_, 1, ""}); });
  EXPECT_EQ(test::read_text(target_), "{}");
}

struct BadStatus {
  int status;
  ErrorCode code;
  int requests;
};

class FailingServer : public DownloadTest, public ::testing::WithParamInterface<BadStatus> {};

TEST_P(FailingServer, IsAskedAgainWhereThatMayHelp) {
  const LocalServer server([](const auto&, auto& response) { response.status = GetParam().status; });
  expect_contains(expect_error(GetParam().code, [&] { get(wanted(server.url("/a"))); }),
                  std::to_string(GetParam().status));
  EXPECT_EQ(std::ssize(server.ranges()), GetParam().requests);
}

INSTANTIATE_TEST_SUITE_P(Statuses, FailingServer,
                         ::testing::Values(BadStatus{404, ErrorCode::not_found, 1},
                                           BadStatus{403, ErrorCode::unavailable, 1},
                                           BadStatus{429, ErrorCode::unavailable, DownloadPolicy().attempts},
                                           BadStatus{503, ErrorCode::unavailable, DownloadPolicy().attempts}));

TEST_F(DownloadTest, BusyServerMayRecover) {
  int calls = 0;
  const LocalServer server([&](const auto&, auto& response) {
    if (calls++ < 2) {
      response.status = 503;
    } else {
      response.set_content(body_, "application/octet-stream");
    }
  });
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(calls, 3);
}

TEST_F(DownloadTest, RedirectsAreFollowedAcrossHosts) {
  const LocalServer mirror(good(body_));
  const LocalServer server([&](const auto& request, auto& response) {
    response.set_redirect(request.path == "/a" ? "/b" : mirror.url("/c?x=1"));
  });
  get(wanted(server.url("/a")));
  expect_target();
  EXPECT_EQ(server.ranges().size(), 2U);
}

TEST_F(DownloadTest, RedirectsWithoutEndAreRefused) {
  const LocalServer server([](const auto&, auto& response) { response.set_redirect("/again"); });
  expect_contains(expect_error(ErrorCode::unavailable, [&] { get(wanted(server.url("/a"))); }),
                  "redirects more than 5");
}

TEST_F(DownloadTest, TrustedCertificateIsAccepted) {
  const test::Certificate certificate;
  certificate.write(folder_.path() / "trusted.pem");
  const test::ScopedEnvironment trusted("SSL_CERT_FILE", (folder_ / "trusted.pem").string());
  const LocalServer server(good(body_), certificate);
  get(wanted(server.url("/a")));
  expect_target();
}

TEST_F(DownloadTest, UntrustedCertificateIsRefused) {
  const LocalServer server(good(body_), test::Certificate());
  expect_contains(expect_error(ErrorCode::unavailable, [&] { get(wanted(server.url("/a"))); }),
                  "the server's certificate is not trusted");
  EXPECT_TRUE(server.ranges().empty());
}

TEST_F(DownloadTest, SilentHostIsUnavailable) {
  const std::string message = expect_error(ErrorCode::unavailable, [&] { get(wanted("http://127.0.0.1:1/a")); });
  expect_contains(message, "http://127.0.0.1:1/a: no connection");
  expect_contains(message, "VIVACE_MODEL_BASE_URL");
}

TEST_F(DownloadTest, StopKeepsThePart) {
  const LocalServer server(good(body_));
  const auto stop_early = [this](std::uint64_t, std::uint64_t) { stop_.request_stop(); };
  expect_error(ErrorCode::cancelled, [&] { download(wanted(server.url("/a")), stop_early, stop_.get_token()); });
  EXPECT_FALSE(fs::exists(target_));
  EXPECT_GT(fs::file_size(part_), 0U);
}

TEST_F(DownloadTest, StopDuringTheRequestIsHonoured) {
  const LocalServer server([this](const auto&, auto& response) {
    stop_.request_stop();
    response.set_content(body_, "application/octet-stream");
  });
  expect_error(ErrorCode::cancelled, [&] { get(wanted(server.url("/a"))); });
  EXPECT_FALSE(fs::exists(target_));
}

TEST_F(DownloadTest, StoppedBeforeItBeganAsksNobody) {
  const LocalServer server(good(body_));
  stop_.request_stop();
  expect_error(ErrorCode::cancelled, [&] { get(wanted(server.url("/a"))); });
  EXPECT_EQ(server.ranges().size(), 0U);
}

TEST_F(DownloadTest, ProgressMayThrow) {
  const LocalServer server(good(body_));
  const auto refuse = [](std::uint64_t, std::uint64_t) { throw Error(ErrorCode::cancelled, "enough"); };
  expect_error(ErrorCode::cancelled, [&] { download(wanted(server.url("/a")), refuse, stop_.get_token()); });
}

TEST_F(DownloadTest, MissingFolderIsNamed) {
  const LocalServer server(good(body_));
  Download wanted = this->wanted(server.url("/a"));
  wanted.target = folder_.path() / "none" / "a";
  expect_error(ErrorCode::unavailable, [&] { get(wanted); });
}

}  // namespace
}  // namespace vivace::model
