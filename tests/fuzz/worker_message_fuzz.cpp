#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/isolation/message.hpp"

namespace {

/// Any bytes are a message, which then comes out again as it was, or an Error that says that they are none.
template <typename Decode>
void check(std::string_view bytes, Decode&& decode) {
  try {
    const auto message = decode(bytes);
    if (encode(decode(encode(message))) != encode(message)) __builtin_trap();
  } catch (const vivace::Error& error) {
    if (error.code() != vivace::ErrorCode::corrupt_data) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (size > vivace::runtime::kLargestMessage) return 0;
  check(bytes, vivace::runtime::decode_to_worker);
  check(bytes, vivace::runtime::decode_from_worker);
  return 0;
}
