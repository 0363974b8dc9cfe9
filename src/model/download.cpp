#include "model/download.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "base/sha256.hpp"
#include "model/http_url.hpp"
#include "model/part_file.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

constexpr int kOk = 200;
constexpr int kPartialContent = 206;
constexpr int kRangeNotSatisfiable = 416;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_gone(int status) { return status == 404 || status == 410; }

bool may_pass(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

std::string reason_of(httplib::Error error, const DownloadPolicy& policy) {
  switch (error) {
    case httplib::Error::Connection: return "no connection to the server";
    case httplib::Error::ConnectionTimeout:
      return fmt::format("no connection to the server within {} ms", policy.connect_timeout.count());
    case httplib::Error::Read:
      return fmt::format("the connection was cut, or silent for {} ms", policy.read_timeout.count());
    case httplib::Error::SSLConnection: return "no secure connection to the server";
    case httplib::Error::SSLLoadingCerts: return "the system's certificates cannot be read";
    case httplib::Error::SSLServerVerification: return "the server's certificate is not trusted";
    default: return fmt::format("HTTP client: {}", httplib::to_string(error));
  }
}

/// Waits unless asked to stop.
void pause(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, duration, [] { return false; });
}

/// One wanted file and what has come of it. A request that failed in a way that may pass says why.
class Transfer {
 public:
  using Failure = std::optional<std::string>;

  Transfer(const Download& wanted, const DownloadProgress& progress, const std::stop_token& stop,
           const DownloadPolicy& policy)
      : wanted_(wanted), progress_(progress), stop_(stop), policy_(policy), part_(wanted.target) {}

  /// Asks for the bytes that are missing and publishes the file when it is whole.
  Failure attempt() {
    if (!is_pinned() || part_.size() > wanted_.bytes) part_.restart();
    const bool resumed = part_.size() > 0;
    if (!is_pinned() || part_.size() < wanted_.bytes) {
      if (Failure failure = receive()) return failure;
    }
    return finish(resumed);
  }

 private:
  bool is_pinned() const { return !wanted_.sha256.empty(); }

  Failure receive() {
    check_stop();
    HttpUrl url = parse_http_url(wanted_.url);
    for (int hop = 0; hop <= policy_.redirects; ++hop) {
      const Failure failure = request(url);
      check_callbacks(url);
      if (!is_redirect(status_)) return judge(url, failure);
      url = resolve_redirect(url, location_);
    }
    throw Error(ErrorCode::unavailable, wanted_.url, fmt::format("redirects more than {} times", policy_.redirects));
  }

  Failure request(const HttpUrl& url) {
    httplib::Client client(url.origin);
    client.set_tcp_nodelay(true);
    client.set_url_encode(false);
    client.set_connection_timeout(policy_.connect_timeout);
    client.set_read_timeout(policy_.read_timeout);
    status_ = 0;
    range_refused_ = false;
    const std::stop_callback cut(stop_, [&client] { client.stop(); });
    const auto result = client.Get(
        url.target, headers(), [this](const httplib::Response& response) { return accept(response); },
        [this](const char* data, std::size_t size) {
          return store({data, size});
        });
    return result ? Failure() : reason_of(result.error(), policy_);
  }

  /// Compressed bodies would not fit to byte ranges and sizes.
  httplib::Headers headers() const {
    httplib::Headers headers{{"Accept-Encoding", "identity"}, {"User-Agent", "vivace/" VIVACE_VERSION}};
    if (part_.size() > 0) headers.emplace("Range", fmt::format("bytes={}-", part_.size()));
    return headers;
  }

  /// Whether the body of this response is the file, or the rest of it.
  bool accept(const httplib::Response& response) {
    status_ = response.status;
    location_ = response.get_header_value("Location");
    const bool rest = status_ == kPartialContent && is_the_rest(response.get_header_value("Content-Range"));
    range_refused_ = status_ == kRangeNotSatisfiable || (status_ == kPartialContent && !rest);
    return guarded([&] {
      if (status_ != kOk && !rest) return false;
      if (status_ == kOk) part_.restart();
      total_ = is_pinned() ? wanted_.bytes : response.get_header_value<std::uint64_t>("Content-Length");
      return true;
    });
  }

  bool is_the_rest(const std::string& content_range) const {
    return content_range.starts_with(fmt::format("bytes {}-", part_.size()));
  }

  bool store(std::string_view bytes) {
    return guarded([&] {
      if (stop_.stop_requested()) return false;
      too_long_ = bytes.size() > wanted_.bytes - part_.size();
      if (too_long_) return false;
      part_.append(bytes);
      if (progress_) progress_(part_.size(), total_);
      return true;
    });
  }

  /// Carries an exception past the HTTP client instead of through it.
  template <typename Step>
  bool guarded(Step&& step) {
    try {
      return step();
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }

  void check_stop() const {
    if (!stop_.stop_requested()) return;
    throw Error(ErrorCode::cancelled, wanted_.url, "stopped; repeat the command to go on");
  }

  void check_callbacks(const HttpUrl& url) {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    check_stop();
    if (too_long_) {
      part_.restart();
      throw Error(ErrorCode::corrupt_data, url.text(),
                  fmt::format("longer than {} bytes, so it is not the file that was wanted", wanted_.bytes));
    }
  }

  /// What the last response means once redirects are followed.
  Failure judge(const HttpUrl& url, const Failure& failure) {
    if (is_gone(status_)) {
      throw Error(ErrorCode::not_found, url.text(),
                  fmt::format("the server answers {}; set VIVACE_MODEL_BASE_URL to a mirror that has it", status_));
    }
    if (range_refused_) {
      part_.restart();
      return "the server refused to continue an earlier download";
    }
    if (may_pass(status_)) return fmt::format("the server answers {}", status_);
    if (status_ != 0 && status_ != kOk && status_ != kPartialContent) {
      throw Error(ErrorCode::unavailable, url.text(),
                  fmt::format("the server answers {}; set VIVACE_MODEL_BASE_URL to a mirror", status_));
    }
    return failure;
  }

  Failure finish(bool resumed) {
    if (is_pinned() && part_.size() < wanted_.bytes) {
      return fmt::format("only {} of {} bytes came", part_.size(), wanted_.bytes);
    }
    if (is_pinned()) {
      const std::string actual = base::sha256_of_file(part_.path());
      if (actual != wanted_.sha256) return reject(resumed, actual);
    }
    part_.publish();
    return {};
  }

  /// A part of another version may have been continued: that deserves a fresh start.
  Failure reject(bool resumed, const std::string& actual) {
    part_.restart();
    if (resumed) return "the continued download had the wrong SHA-256";
    throw Error(ErrorCode::corrupt_data, wanted_.url,
                fmt::format("has SHA-256 {}, expected {}; the file was changed at its source", actual, wanted_.sha256));
  }

  const Download& wanted_;
  const DownloadProgress& progress_;
  const std::stop_token& stop_;
  const DownloadPolicy& policy_;
  PartFile part_;
  int status_ = 0;  // of the last response; 0 before it came
  std::string location_;
  std::uint64_t total_ = 0;
  bool range_refused_ = false;
  bool too_long_ = false;
  std::exception_ptr thrown_;
};

}  // namespace

void download(const Download& wanted, const DownloadProgress& progress, const std::stop_token& stop,
              const DownloadPolicy& policy) {
  Transfer transfer(wanted, progress, stop, policy);
  Transfer::Failure failure;
  for (int i = 0; i < policy.attempts; ++i) {
    if (i > 0) pause(policy.first_pause * (1 << std::min(i - 1, 10)), stop);
    failure = transfer.attempt();
    if (!failure) return;
  }
  throw Error(ErrorCode::unavailable, wanted.url,
              fmt::format("{} ({} attempts); check the network and repeat the command, which goes on where it stopped, "
                          "or set VIVACE_MODEL_BASE_URL to a mirror",
                          failure.value_or("no attempt was made"), policy.attempts));
}

}  // namespace vivace::model
