#include "runtime/random_tensor.hpp"

#include <cstdint>
#include <utility>

namespace vivace::runtime {
namespace {

template <typename T, typename Next>
void fill(Tensor& tensor, Next next) {
  for (T& value : tensor.mutable_values<T>()) value = next();
}

}  // namespace

Tensor random_tensor(ElementType type, Shape shape, std::mt19937_64& random) {
  Tensor tensor(type, std::move(shape));
  const auto real = [&] { return static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-52 - 1); };
  const auto bit = [&] { return random() >> 63 != 0; };
  switch (type) {
    case ElementType::float32: fill<float>(tensor, real); break;
    case ElementType::float64: fill<double>(tensor, real); break;
    case ElementType::float16: fill<Float16>(tensor, [&] { return to_float16(real()); }); break;
    case ElementType::bfloat16: fill<BFloat16>(tensor, [&] { return to_bfloat16(real()); }); break;
    case ElementType::int8: fill<std::int8_t>(tensor, bit); break;
    case ElementType::uint8: fill<std::uint8_t>(tensor, bit); break;
    case ElementType::int16: fill<std::int16_t>(tensor, bit); break;
    case ElementType::uint16: fill<std::uint16_t>(tensor, bit); break;
    case ElementType::int32: fill<std::int32_t>(tensor, bit); break;
    case ElementType::uint32: fill<std::uint32_t>(tensor, bit); break;
    case ElementType::int64: fill<std::int64_t>(tensor, bit); break;
    case ElementType::uint64: fill<std::uint64_t>(tensor, bit); break;
    case ElementType::boolean: fill<bool>(tensor, bit); break;
    case ElementType::string: break;
  }
  return tensor;
}

}  // namespace vivace::runtime
