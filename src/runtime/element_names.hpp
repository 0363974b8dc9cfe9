#pragma once

#include <optional>
#include <string_view>

#include "vivace/tensor.hpp"

namespace vivace::runtime {

/// The type whose element_type_name this is; nothing where there is none.
inline std::optional<ElementType> element_type_named(std::string_view name) {
  constexpr auto kTypes = static_cast<std::size_t>(ElementType::string) + 1;
  for (std::size_t type = 0; type < kTypes; ++type) {
    if (element_type_name(static_cast<ElementType>(type)) == name) return static_cast<ElementType>(type);
  }
  return std::nullopt;
}

}  // namespace vivace::runtime
