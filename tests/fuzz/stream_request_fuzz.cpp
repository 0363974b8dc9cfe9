#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tasks/embed/stream_request.hpp"
#include "vivace/error.hpp"

/// Any bytes are a request or an Error, never anything else.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    vivace::embed::parse_stream_request({reinterpret_cast<const char*>(data), size});
  } catch (const vivace::Error&) {
  }
  return 0;
}
