#include "base/npy.hpp"

#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "base/files.hpp"

namespace vivace::base {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kLargestFile = std::size_t{1} << 32U;
constexpr std::int64_t kLongestAxis = std::int64_t{1} << 32;

[[noreturn]] void fail_corrupt(const std::filesystem::path& path, const char* what) {
  throw Error(ErrorCode::corrupt_data, path.string(), std::string("not a whole .npy file: ") + what);
}

/// The text of the header, a Python dictionary; `bytes` then begins with the data.
std::string_view take_header(std::string_view& bytes, const std::filesystem::path& path) {
  constexpr std::size_t kFixed = 8;  // magic and version
  if (bytes.size() < kFixed + 4 || !bytes.starts_with(kMagic)) fail_corrupt(path, "it does not begin like one");
  const std::size_t size_bytes = bytes[6] == 1 ? 2 : 4;
  std::size_t size = 0;
  for (std::size_t i = 0; i < size_bytes; ++i) {
    size |= std::size_t{static_cast<unsigned char>(bytes[kFixed + i])} << (8 * i);
  }
  if (size > bytes.size() - kFixed - size_bytes) fail_corrupt(path, "its header is cut short");
  const std::string_view header = bytes.substr(kFixed + size_bytes, size);
  bytes.remove_prefix(kFixed + size_bytes + size);
  return header;
}

/// "(2, 3)" behind the key 'shape'.
std::vector<std::int64_t> read_shape(std::string_view header, const std::filesystem::path& path) {
  const std::size_t key = header.find("'shape'");
  const std::size_t open = header.find('(', key == std::string_view::npos ? header.size() : key);
  const std::size_t close = header.find(')', open == std::string_view::npos ? header.size() : open);
  if (close == std::string_view::npos) fail_corrupt(path, "its header has no shape");
  std::vector<std::int64_t> shape;
  const char* position = header.data() + open + 1;
  const char* const end = header.data() + close;
  while (position != end) {
    if (*position == ' ' || *position == ',') {
      ++position;
      continue;
    }
    std::int64_t axis = -1;
    const auto [behind, error] = std::from_chars(position, end, axis);
    if (error != std::errc() || axis < 0 || axis > kLongestAxis) fail_corrupt(path, "its shape is impossible");
    shape.push_back(axis);
    position = behind;
  }
  return shape;
}

}  // namespace

FloatArray read_npy(const std::filesystem::path& path) {
  const std::string file = read_file(path, kLargestFile);
  std::string_view bytes = file;
  const std::string_view header = take_header(bytes, path);
  if (header.find("'<f4'") == std::string_view::npos || header.find("False") == std::string_view::npos) {
    throw Error(ErrorCode::unsupported, path.string(), "must hold little-endian float32 in C order ('<f4')");
  }
  FloatArray array{read_shape(header, path), {}};
  std::size_t count = 1;
  for (const std::int64_t axis : array.shape) {
    const auto length = static_cast<std::size_t>(axis);
    if (length != 0 && count > bytes.size() / length) fail_corrupt(path, "it holds less than its shape says");
    count *= length;
  }
  if (bytes.size() != count * sizeof(float)) fail_corrupt(path, "its size is not that of its shape");
  array.values.resize(count);
  if (count > 0) std::memcpy(array.values.data(), bytes.data(), bytes.size());
  return array;
}

}  // namespace vivace::base
