#include "model/local_server.hpp"

#include <algorithm>

namespace vivace::model::testing {

LocalServer::LocalServer(Answer answer) {
  server_.Get(".*", [this, answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
    {
      const std::lock_guard lock(mutex_);
      ranges_.push_back(request.get_header_value("Range"));
    }
    answer(request, response);
  });
  port_ = server_.bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_.listen_after_bind(); });
  while (!server_.is_running()) std::this_thread::yield();
}

LocalServer::~LocalServer() {
  server_.stop();
  thread_.join();
}

std::string LocalServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
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

}  // namespace vivace::model::testing
