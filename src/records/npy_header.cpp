#include "records/npy_header.hpp"

#include <fmt/format.h>

#include <bit>
#include <string_view>

namespace vivace::records {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);

/// As Python writes a tuple: "()", "(3,)", "(3, 4)".
std::string tuple_of(std::span<const std::uint64_t> shape) {
  std::string text;
  for (const std::uint64_t size : shape) text += fmt::format("{}{}", text.empty() ? "" : ", ", size);
  return fmt::format("({}{})", text, shape.size() == 1 ? "," : "");
}

}  // namespace

std::string npy_header(const char* type, std::span<const std::uint64_t> shape) {
  const std::size_t length = kNpyHeaderBytes - kMagic.size() - 2;
  std::string header(kMagic);
  header += static_cast<char>(length & 0xFF);
  header += static_cast<char>(length >> 8);
  header += fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type, tuple_of(shape));
  header.resize(kNpyHeaderBytes - 1, ' ');
  return header + '\n';
}

}  // namespace vivace::records
