#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tasks/embed/stream_request.hpp"

/// Any bytes are a request with a path or one with a problem.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = vivace::embed::parse_stream_request({reinterpret_cast<const char*>(data), size});
  if (request.path.empty() && request.problem.empty()) __builtin_trap();
  return 0;
}
