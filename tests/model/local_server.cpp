#include "model/local_server.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

namespace vivace::test {

Certificate::Certificate() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free), certificate_(X509_new(), &X509_free) {
  X509* x509 = certificate_.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_NAME* name = X509_get_subject_name(x509);
  const std::string host = "127.0.0.1";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_EXTENSION* host_names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(x509, host_names, -1);
  X509_EXTENSION_free(host_names);
  X509_set_pubkey(x509, key_.get());
  X509_sign(x509, key_.get(), EVP_sha256());
}

void Certificate::write(const std::filesystem::path& path) const {
  std::FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_X509(file, certificate_.get());
  std::fclose(file);
}

LocalServer::LocalServer(Answer answer) : scheme_("http"), server_(std::make_unique<httplib::Server>()) {
  start(std::move(answer));
}

LocalServer::LocalServer(Answer answer, const Certificate& certificate)
    : scheme_("https"), server_(std::make_unique<httplib::SSLServer>(certificate.certificate(), certificate.key())) {
  start(std::move(answer));
}

LocalServer::~LocalServer() {
  server_->stop();
  thread_.join();
}

void LocalServer::start(Answer answer) {
  server_->Get(".*", [this, answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
    {
      const std::lock_guard lock(mutex_);
      ranges_.push_back(request.get_header_value("Range"));
    }
    answer(request, response);
  });
  port_ = server_->bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

std::string LocalServer::url(const std::string& path) const {
  return scheme_ + "://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> LocalServer::ranges() const {
  const std::lock_guard lock(mutex_);
  return ranges_;
}

void send_whole(httplib::Response& response, const std::string& body) {
  response.status = 200;
  response.set_chunked_content_provider("application/octet-stream",
                                        [body](std::size_t offset, httplib::DataSink& sink) {
                                          sink.write(body.data() + offset, body.size() - offset);
                                          sink.done();
                                          return true;
                                        });
}

void send_cut(httplib::Response& response, const std::string& body, std::size_t bytes) {
  response.set_content_provider(body.size(), "application/octet-stream",
                                [body, bytes](std::size_t offset, std::size_t, httplib::DataSink& sink) {
                                  if (offset >= bytes) return false;
                                  sink.write(body.data() + offset, bytes - offset);
                                  return true;
                                });
}

}  // namespace vivace::test
