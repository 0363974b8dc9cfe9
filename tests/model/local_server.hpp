#pragma once

#include <httplib.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vivace::model::testing {

/// An HTTP server on 127.0.0.1 and a free port for one test; `answer` is called for every GET.
class LocalServer {
 public:
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit LocalServer(Answer answer);
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  ~LocalServer();

  std::string url(const std::string& path) const;
  /// The `Range` headers of the requests so far, "" for requests without.
  std::vector<std::string> ranges() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> ranges_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

/// Answers with `body`, whatever range was asked for.
void send_whole(httplib::Response& response, const std::string& body);
/// Promises `body` and cuts the connection after `bytes`.
void send_cut(httplib::Response& response, const std::string& body, std::size_t bytes);

}  // namespace vivace::model::testing
