#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/isolation/message.hpp"
#include "vivace/tensor.hpp"

namespace vivace::runtime {

/// Gives tensors their places in a region, one behind the other.
class Layout {
 public:
  /// Of a tensor. Its elements are aligned to 64 bytes.
  PlacedTensor place(std::string name, const Tensor& tensor);
  /// Of float32 values.
  PlacedTensor place(const char* name, std::span<const std::int64_t> shape, std::size_t values);

  std::uint64_t bytes() const { return end_; }

 private:
  PlacedTensor placed(PlacedTensor tensor);

  std::uint64_t end_ = 0;
};

/// Writes the elements to their place, which lies in the region.
void write_elements(const Tensor& tensor, const PlacedTensor& place, std::span<std::byte> region);

/// The bytes at a place. Throws Error(corrupt_data) where it is not inside the region, or not aligned.
std::span<std::byte> bytes_at(const PlacedTensor& place, std::span<std::byte> region);

/// The tensor at a place: it looks at the region, which `owner` keeps alive (null: the caller); strings are copied.
/// Throws Error(corrupt_data) where the place is not inside the region or does not fit its type and shape.
Tensor tensor_at(const PlacedTensor& place, std::span<std::byte> region, std::shared_ptr<const void> owner);

}  // namespace vivace::runtime
