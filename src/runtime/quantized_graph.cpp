#include "runtime/quantized_graph.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>

#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

// Field 4 (op_type) of NodeProto in onnx.proto: its tag, the length of the name, the name.
constexpr std::array<std::string_view, 5> kQuantizedOperators = {"\x22\x0eQuantizeLinear",
                                                                 "\x22\x10"
                                                                 "DequantizeLinear",
                                                                 "\x22\x0bQLinearConv",
                                                                 "\x22\x0b"
                                                                 "ConvInteger",
                                                                 "\x22\x0dMatMulInteger"};
constexpr std::size_t kLongestName = 18;
constexpr std::size_t kChunk = std::size_t{1} << 20U;

bool names_one(std::string_view bytes) {
  return std::any_of(kQuantizedOperators.begin(), kQuantizedOperators.end(),
                     [&](std::string_view name) { return bytes.find(name) != std::string_view::npos; });
}

}  // namespace

bool is_quantized(const std::filesystem::path& graph) {
  std::error_code status;
  if (!std::filesystem::exists(graph, status)) throw Error(ErrorCode::not_found, graph.string(), "no such file");
  std::ifstream file(graph, std::ios::binary);
  if (!file) throw Error(ErrorCode::unavailable, graph.string(), "cannot be read");
  std::string window;
  std::string chunk(kChunk, '\0');
  while (file.read(chunk.data(), static_cast<std::streamsize>(kChunk)) || file.gcount() > 0) {
    window.append(chunk, 0, static_cast<std::size_t>(file.gcount()));
    if (names_one(window)) return true;
    window.erase(0, window.size() - std::min(window.size(), kLongestName));
  }
  return false;
}

}  // namespace vivace::runtime
