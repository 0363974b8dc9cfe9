#include "runtime/numpy_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "base/files.hpp"

namespace vivace::runtime {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are taken as they lie in the file");

constexpr std::size_t kLargestFile = std::size_t{4} << 30;
constexpr std::string_view kNpyMagic("\x93NUMPY", 6);

constexpr std::array<std::pair<std::string_view, ElementType>, 12> kTypes = {{{"<f4", ElementType::float32},
                                                                              {"<f2", ElementType::float16},
                                                                              {"<f8", ElementType::float64},
                                                                              {"|i1", ElementType::int8},
                                                                              {"|u1", ElementType::uint8},
                                                                              {"<i2", ElementType::int16},
                                                                              {"<u2", ElementType::uint16},
                                                                              {"<i4", ElementType::int32},
                                                                              {"<u4", ElementType::uint32},
                                                                              {"<i8", ElementType::int64},
                                                                              {"<u8", ElementType::uint64},
                                                                              {"|b1", ElementType::boolean}}};

/// A little-endian number of `size` bytes at `offset`; nothing where the bytes end before.
std::optional<std::uint64_t> number_at(std::string_view bytes, std::size_t offset, std::size_t size) {
  if (offset > bytes.size() || bytes.size() - offset < size) return std::nullopt;
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + offset, size);
  return value;
}

std::uint64_t require_number(std::string_view bytes, std::size_t offset, std::size_t size, const std::string& origin) {
  const auto number = number_at(bytes, offset, size);
  if (!number) throw Error(ErrorCode::corrupt_data, origin, "ends too early");
  return *number;
}

std::string_view require_part(std::string_view bytes, std::uint64_t offset, std::uint64_t size,
                              const std::string& origin) {
  if (offset > bytes.size() || bytes.size() - offset < size)
    throw Error(ErrorCode::corrupt_data, origin, "ends too early");
  return bytes.substr(offset, size);
}

/// What stands behind a key of the header, a Python dictionary.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& origin) {
  const std::size_t at = header.find(fmt::format("'{}'", key));
  const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  const std::size_t begin = colon == std::string_view::npos ? colon : header.find_first_not_of(' ', colon + 1);
  if (begin == std::string_view::npos)
    throw Error(ErrorCode::corrupt_data, origin, fmt::format("its header has no '{}'", key));
  return header.substr(begin);
}

ElementType type_of(std::string_view header, const std::string& origin) {
  const std::string_view value = value_of(header, "descr", origin);
  for (const auto& [name, type] : kTypes) {
    if (value.size() > name.size() + 1 && value.substr(1, name.size()) == name) return type;
  }
  throw Error(ErrorCode::unsupported, origin,
              fmt::format("is an array of {}; numbers and booleans in little-endian order are read",
                          value.substr(0, value.find(','))));
}

Shape shape_of(std::string_view header, const std::string& origin) {
  std::string_view value = value_of(header, "shape", origin);
  const std::size_t end = value.find(')');
  if (value.empty() || value.front() != '(' || end == std::string_view::npos) {
    throw Error(ErrorCode::corrupt_data, origin, "its shape is not a tuple");
  }
  value = value.substr(1, end - 1);
  if (value.find_first_not_of("0123456789, ") != std::string_view::npos) {
    throw Error(ErrorCode::corrupt_data, origin, "its shape is not made of lengths");
  }
  Shape shape;
  while (value.find_first_of("0123456789") != std::string_view::npos) {
    value.remove_prefix(value.find_first_of("0123456789"));
    std::int64_t length = 0;
    const auto [rest, problem] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (problem != std::errc()) throw Error(ErrorCode::corrupt_data, origin, "its shape is out of range");
    shape.push_back(length);
    value.remove_prefix(static_cast<std::size_t>(rest - value.data()));
  }
  return shape;
}

std::string stem_of(std::string_view name) {
  if (name.ends_with(".npy")) name.remove_suffix(4);
  return std::string(name);
}

// Of the ZIP format (PKWARE's APPNOTE): records with their signature, offsets into them.
constexpr std::uint32_t kEndOfDirectory = 0x06054B50;
constexpr std::size_t kEndOfDirectoryBytes = 22;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint32_t kDirectoryEntry = 0x02014B50;
constexpr std::size_t kDirectoryEntryBytes = 46;
constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::uint64_t kSizeElsewhere = 0xFFFFFFFF;  // in a ZIP64 field

std::size_t find_end_of_directory(std::string_view bytes, const std::string& origin) {
  for (std::size_t back = kEndOfDirectoryBytes; back <= bytes.size() && back <= kEndOfDirectoryBytes + kLongestComment;
       ++back) {
    if (number_at(bytes, bytes.size() - back, 4) == kEndOfDirectory) return bytes.size() - back;
  }
  throw Error(ErrorCode::corrupt_data, origin, "is no NPZ: no ZIP directory at its end");
}

constexpr std::uint64_t kStored = 0;
constexpr std::uint64_t kDeflated = 8;

struct Member {
  std::string name;
  std::uint64_t method = kStored;
  std::string_view bytes;  // as they lie in the archive
  std::uint64_t size = 0;  // of what they stand for
  std::size_t next = 0;    // offset of the entry behind
};

/// What deflated bytes (RFC 1951) stand for, which must be of this size.
std::string inflated(const Member& member, const std::string& origin) {
  constexpr std::uint64_t kMostRatio = 1032;  // that the format reaches
  const auto damaged = [&] { return Error(ErrorCode::corrupt_data, origin, "cannot be unpacked: it is damaged"); };
  if (member.size / kMostRatio > member.bytes.size() + 1) throw damaged();
  std::string plain(member.size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    throw Error(ErrorCode::resource_exhausted, origin, "cannot be unpacked: no memory");
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(member.bytes.data()));
  stream.avail_in = static_cast<uInt>(member.bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  const int state = inflate(&stream, Z_FINISH);
  const bool is_whole = state == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!is_whole) throw damaged();
  return plain;
}

Member member_at(std::string_view zip, std::size_t entry, const std::string& origin) {
  const auto field = [&](std::size_t offset, std::size_t size) {
    return require_number(zip, entry + offset, size, origin);
  };
  if (field(0, 4) != kDirectoryEntry) throw Error(ErrorCode::corrupt_data, origin, "its ZIP directory is damaged");
  Member member;
  member.method = field(10, 2);
  member.size = field(24, 4);
  const std::uint64_t packed_size = field(20, 4);
  const std::uint64_t name_bytes = field(28, 2);
  const std::uint64_t local = field(42, 4);
  if (member.method != kStored && member.method != kDeflated) {
    throw Error(ErrorCode::unsupported, origin,
                fmt::format("is compressed by method {}; numpy.savez and savez_compressed use others", member.method));
  }
  if (member.size == kSizeElsewhere || packed_size == kSizeElsewhere || local == kSizeElsewhere) {
    throw Error(ErrorCode::unsupported, origin, "is larger than 4 GiB; use a folder of NPY files");
  }
  member.name = require_part(zip, entry + kDirectoryEntryBytes, name_bytes, origin);
  const std::uint64_t data = local + kLocalHeaderBytes + require_number(zip, local + 26, 2, origin) +
                             require_number(zip, local + 28, 2, origin);
  member.bytes = require_part(zip, data, member.method == kStored ? member.size : packed_size, origin);
  member.next = entry + kDirectoryEntryBytes + name_bytes + field(30, 2) + field(32, 2);
  return member;
}

/// The last axis of an array lies together, or the first does.
enum class Order { row_major, column_major };

Order order_of(std::string_view header, const std::string& origin) {
  const std::string_view value = value_of(header, "fortran_order", origin);
  if (value.starts_with("False")) return Order::row_major;
  if (value.starts_with("True")) return Order::column_major;
  throw Error(ErrorCode::corrupt_data, origin, "its 'fortran_order' is neither True nor False");
}

/// Copies column-major values of `element` bytes each into a row-major tensor of their shape.
void copy_column_major(std::string_view values, std::size_t element, const Shape& shape, Tensor& tensor) {
  std::vector<std::size_t> lengths(shape.begin(), shape.end());
  std::vector<std::size_t> index(shape.size());
  std::vector<std::size_t> steps(shape.size());
  std::exclusive_scan(lengths.begin(), lengths.end(), steps.begin(), element, std::multiplies<>());
  std::byte* dst = tensor.mutable_bytes().data();
  for (std::size_t at = 0, from = 0; at < values.size(); at += element) {
    std::memcpy(dst + at, values.data() + from, element);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += steps[axis];
      if (++index[axis] < lengths[axis]) break;
      from -= index[axis] * steps[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace

Tensor parse_npy(std::string_view bytes, const std::string& origin) {
  if (!bytes.starts_with(kNpyMagic)) throw Error(ErrorCode::corrupt_data, origin, "is no NPY file");
  const bool is_first = require_number(bytes, kNpyMagic.size(), 1, origin) == 1;
  const std::size_t length_bytes = is_first ? 2 : 4;
  const std::size_t begin = kNpyMagic.size() + 2 + length_bytes;
  const std::uint64_t length = require_number(bytes, kNpyMagic.size() + 2, length_bytes, origin);
  const std::string_view header = require_part(bytes, begin, length, origin);
  const Order order = order_of(header, origin);
  const ElementType type = type_of(header, origin);
  const Shape shape = shape_of(header, origin);
  const std::size_t size = element_count(shape) * element_bytes(type);
  const std::string_view values = require_part(bytes, begin + length, size, origin);
  Tensor tensor(type, shape);
  if (order == Order::column_major) {
    copy_column_major(values, element_bytes(type), shape, tensor);
  } else {
    std::memcpy(tensor.mutable_bytes().data(), values.data(), size);
  }
  return tensor;
}

std::map<std::string, Tensor> parse_npz(std::string_view bytes, const std::string& origin) {
  const std::size_t end = find_end_of_directory(bytes, origin);
  const std::uint64_t count = require_number(bytes, end + 10, 2, origin);
  std::size_t entry = require_number(bytes, end + 16, 4, origin);
  std::map<std::string, Tensor> arrays;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Member member = member_at(bytes, entry, origin);
    const std::string name = origin + ": " + member.name;
    const std::string plain = member.method == kDeflated ? inflated(member, name) : "";
    arrays.insert_or_assign(stem_of(member.name), parse_npy(member.method == kDeflated ? plain : member.bytes, name));
    entry = member.next;
  }
  return arrays;
}

Tensor read_npy(const std::filesystem::path& path) {
  return parse_npy(base::read_file(path, kLargestFile), path.string());
}

std::map<std::string, Tensor> read_arrays(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) {
    std::map<std::string, Tensor> arrays;
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      if (file.path().extension() != ".npy") continue;
      arrays.emplace(file.path().stem().string(), read_npy(file.path()));
    }
    return arrays;
  }
  const std::string bytes = base::read_file(path, kLargestFile);
  if (bytes.starts_with("PK")) return parse_npz(bytes, path.string());
  std::map<std::string, Tensor> one;
  one.emplace("", parse_npy(bytes, path.string()));
  return one;
}

}  // namespace vivace::runtime
