#include "runtime/isolation/placed_tensors.hpp"

#include <cstring>
#include <utility>

namespace vivace::runtime {
namespace {

constexpr std::uint64_t kAlignment = 64;  // a cache line, and the widest vector register

std::uint64_t aligned(std::uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

std::uint64_t stored_bytes(const Tensor& tensor) {
  if (tensor.type() != ElementType::string) return tensor.bytes().size();
  std::uint64_t bytes = 0;
  for (const std::string& text : tensor.values<std::string>()) bytes += sizeof(std::uint64_t) + text.size();
  return bytes;
}

[[noreturn]] void fail(const PlacedTensor& place, const char* problem) {
  throw Error(ErrorCode::corrupt_data, "tensor '" + place.name + "' in shared memory", problem);
}

void write_strings(std::span<const std::string> texts, std::byte* lengths) {
  std::byte* characters = lengths + texts.size() * sizeof(std::uint64_t);
  for (const std::string& text : texts) {
    const std::uint64_t length = text.size();
    std::memcpy(lengths, &length, sizeof length);
    lengths += sizeof length;
    std::memcpy(characters, text.data(), text.size());
    characters += text.size();
  }
}

/// Each length is read once: the other process may change it at any time.
Tensor strings_at(const PlacedTensor& place, std::span<const std::byte> bytes) {
  const std::size_t count = element_count(place.shape);
  if (count > bytes.size() / sizeof(std::uint64_t)) fail(place, "has no room for its strings");
  Tensor tensor(ElementType::string, place.shape);
  std::span<const std::byte> characters = bytes.subspan(count * sizeof(std::uint64_t));
  for (std::string& text : tensor.mutable_values<std::string>()) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    bytes = bytes.subspan(sizeof length);
    if (length > characters.size()) fail(place, "has a string beyond its end");
    text.assign(reinterpret_cast<const char*>(characters.data()), length);
    characters = characters.subspan(length);
  }
  return tensor;
}

}  // namespace

PlacedTensor Layout::place(std::string name, const Tensor& tensor) {
  return placed({std::move(name), tensor.type(), tensor.shape(), 0, stored_bytes(tensor)});
}

PlacedTensor Layout::place(const char* name, std::span<const std::int64_t> shape, std::size_t values) {
  return placed({name, ElementType::float32, Shape(shape.begin(), shape.end()), 0, values * sizeof(float)});
}

PlacedTensor Layout::placed(PlacedTensor tensor) {
  tensor.offset = aligned(end_);
  end_ = tensor.offset + tensor.bytes;
  return tensor;
}

void write_elements(const Tensor& tensor, const PlacedTensor& place, std::span<std::byte> region) {
  const std::span<std::byte> dst = bytes_at(place, region);
  if (tensor.type() == ElementType::string) return write_strings(tensor.values<std::string>(), dst.data());
  if (!dst.empty()) std::memcpy(dst.data(), tensor.bytes().data(), dst.size());
}

std::span<std::byte> bytes_at(const PlacedTensor& place, std::span<std::byte> region) {
  if (place.offset > region.size() || place.bytes > region.size() - place.offset) fail(place, "lies beyond its region");
  if (place.offset % kAlignment != 0) fail(place, "is not aligned");
  return region.subspan(place.offset, place.bytes);
}

Tensor tensor_at(const PlacedTensor& place, std::span<std::byte> region, std::shared_ptr<const void> owner) {
  const std::span<std::byte> bytes = bytes_at(place, region);
  try {
    if (place.type == ElementType::string) return strings_at(place, bytes);
    if (element_count(place.shape) * element_bytes(place.type) != bytes.size()) {
      fail(place, "does not have the size of its shape");
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    fail(place, "has an impossible shape");
  }
  return Tensor::shared(place.type, place.shape, std::move(owner), bytes.data());
}

}  // namespace vivace::runtime
