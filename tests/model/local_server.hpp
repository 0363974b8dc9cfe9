#pragma once

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vivace::test {

/// A self-signed certificate for 127.0.0.1 and its key.
class Certificate {
 public:
  Certificate();
  void write(const std::filesystem::path& path) const;
  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

/// An HTTP server on 127.0.0.1 and a free port for one test; `answer` is called for every GET.
class LocalServer {
 public:
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit LocalServer(Answer answer);
  /// The same over TLS with this certificate.
  LocalServer(Answer answer, const Certificate& certificate);
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  ~LocalServer();

  std::string url(const std::string& path) const;
  /// The `Range` headers of the requests so far, "" for requests without.
  std::vector<std::string> ranges() const;

 private:
  void start(Answer answer);

  mutable std::mutex mutex_;
  std::vector<std::string> ranges_;
  std::string scheme_;
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

/// Answers with `body`, whatever range was asked for.
void send_whole(httplib::Response& response, const std::string& body);
/// Promises `body` and cuts the connection after `bytes`.
void send_cut(httplib::Response& response, const std::string& body, std::size_t bytes);

}  // namespace vivace::test
