// A manifest is refused with an Error or reads back equal from its own text; nothing else may happen.

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/manifest.hpp"
#include "vivace/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vivace;
  const std::string text(reinterpret_cast<const char*>(data), size);
  model::Manifest manifest;
  try {
    manifest = model::parse_manifest(text, "fuzz");
  } catch (const Error&) {
    return 0;
  }
  if (model::parse_manifest(model::to_toml(manifest), "rewritten") != manifest) __builtin_trap();
  return 0;
}
