#include "base/line_reader.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>

namespace vivace::base {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

/// A descriptor that becomes readable when `stop` is requested.
class StopSignal {
 public:
  explicit StopSignal(const std::stop_token& stop) {
    callback_.emplace(stop, [this] { ::eventfd_write(descriptor_, 1); });
  }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal() {
    callback_.reset();  // it writes to the descriptor
    ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = ::eventfd(0, EFD_CLOEXEC);
  std::optional<std::stop_callback<std::function<void()>>> callback_;
};

/// Waits until `descriptor` can be read; false where `stop` came first.
bool wait_for_input(int descriptor, const std::stop_token& stop) {
  const StopSignal signal(stop);
  std::array<pollfd, 2> waiting{pollfd{descriptor, POLLIN, 0}, pollfd{signal.descriptor(), POLLIN, 0}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return !stop.stop_requested();
}

}  // namespace

std::optional<LineReader::Line> LineReader::next(const std::stop_token& stop) {
  Line line;
  bool any = false;
  while (position_ < buffer_.size() || fill(stop)) {
    any = true;
    const std::size_t end = std::min(buffer_.find('\n', position_), buffer_.size());
    const std::size_t room = limit_ - line.text.size();
    line.text.append(buffer_, position_, std::min(end - position_, room));
    line.too_long = line.too_long || end - position_ > room;
    position_ = end;
    if (end < buffer_.size()) {
      ++position_;
      return line;
    }
  }
  return any && !stop.stop_requested() ? std::optional(std::move(line)) : std::nullopt;
}

/// Reads more bytes into the buffer, all of which was given out; false where there are none.
bool LineReader::fill(const std::stop_token& stop) {
  buffer_.resize(kReadBytes);
  position_ = 0;
  ssize_t got = -1;
  while (wait_for_input(descriptor_, stop)) {
    got = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (got >= 0 || (errno != EINTR && errno != EAGAIN)) break;
  }
  buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return got > 0;
}

}  // namespace vivace::base
