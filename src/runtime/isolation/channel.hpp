#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/isolation/descriptor.hpp"

namespace vivace::runtime {

/// One end of a pair of sockets that keep messages apart. One thread may send while another receives.
class Channel {
 public:
  struct Packet {
    std::string bytes;
    std::vector<Descriptor> descriptors;
  };

  /// Two ends that are connected, closed in programs that are started. Throws Error(resource_exhausted).
  static std::pair<Channel, Channel> pair();

  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}

  /// Sends at most kLargestMessage bytes, and copies of descriptors. False where the other end is gone.
  /// Throws Error(resource_exhausted) where the system has no memory for it.
  bool send(std::string_view bytes, std::span<const int> descriptors = {}) const;

  /// Waits for a message; nothing where the other end is gone.
  /// Throws Error(corrupt_data) for one that is too large or brings too many descriptors.
  std::optional<Packet> receive() const;
  /// The same where there must be a message already: nothing where there is none.
  std::optional<Packet> receive_ready() const;

  /// Ends what this end sends: the other receives what is under way, and then nothing.
  void finish() const;
  /// Ends a `receive` that waits, in another thread too.
  void interrupt() const;

  int descriptor() const { return socket_.get(); }

 private:
  std::optional<Packet> receive(int flags) const;

  Descriptor socket_;
};

}  // namespace vivace::runtime
