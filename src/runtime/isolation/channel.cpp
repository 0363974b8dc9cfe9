#include "runtime/isolation/channel.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/isolation/message.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kMostDescriptors = 4;
constexpr std::size_t kControlBytes = CMSG_SPACE(kMostDescriptors * sizeof(int));

[[noreturn]] void fail(const char* action) {
  throw Error(ErrorCode::resource_exhausted, "isolation", fmt::format("{}: {}", action, std::strerror(errno)));
}

/// Above the standard ones, so that those of a program that is started can be set up in any order.
Descriptor moved_up(Descriptor socket) {
  constexpr int kFirstFree = 8;
  Descriptor moved(::fcntl(socket.get(), F_DUPFD_CLOEXEC, kFirstFree));
  if (!moved) fail("a socket cannot be made");
  return moved;
}

std::vector<Descriptor> received_descriptors(msghdr& header) {
  std::vector<Descriptor> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
      descriptors.emplace_back(number);
    }
  }
  return descriptors;
}

}  // namespace

std::pair<Channel, Channel> Channel::pair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) fail("a socket cannot be made");
  Descriptor first(ends[0]);
  Descriptor second(ends[1]);
  return {Channel(moved_up(std::move(first))), Channel(moved_up(std::move(second)))};
}

bool Channel::send(std::string_view bytes, std::span<const int> descriptors) const {
  iovec content{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  msghdr header{};
  header.msg_iov = &content;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
  }
  while (::sendmsg(socket_.get(), &header, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) return false;
    fail("a message cannot be sent to another process");
  }
  return true;
}

std::optional<Channel::Packet> Channel::receive() const { return receive(0); }

std::optional<Channel::Packet> Channel::receive_ready() const { return receive(MSG_DONTWAIT); }

std::optional<Channel::Packet> Channel::receive(int flags) const {
  Packet packet;
  packet.bytes.resize(kLargestMessage);
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  iovec content{packet.bytes.data(), packet.bytes.size()};
  msghdr header{};
  header.msg_iov = &content;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t length = -1;
  do {
    length = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | flags);
  } while (length < 0 && errno == EINTR);
  if (length <= 0) return std::nullopt;
  packet.descriptors = received_descriptors(header);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    throw Error(ErrorCode::corrupt_data, "message between processes", "is too large");
  }
  packet.bytes.resize(static_cast<std::size_t>(length));
  return packet;
}

void Channel::finish() const { ::shutdown(socket_.get(), SHUT_WR); }

void Channel::interrupt() const { ::shutdown(socket_.get(), SHUT_RD); }

}  // namespace vivace::runtime
