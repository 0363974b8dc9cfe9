#pragma once

#include <deque>
#include <functional>
#include <span>
#include <stop_token>

#include "runtime/request.hpp"

namespace vivace::runtime {

/// A stop that is requested as soon as that of one of several requests is.
class AnyStop {
 public:
  explicit AnyStop(std::span<const RequestPointer> requests) {
    for (const RequestPointer& request : requests) {
      if (request->stop.stop_possible()) callbacks_.emplace_back(request->stop, [this] { source_.request_stop(); });
    }
  }
  AnyStop(const AnyStop&) = delete;
  AnyStop& operator=(const AnyStop&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::deque<std::stop_callback<std::function<void()>>> callbacks_;
};

}  // namespace vivace::runtime
