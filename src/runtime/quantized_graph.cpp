#include "runtime/quantized_graph.hpp"

#include <array>
#include <string_view>

#include "base/file_search.hpp"

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

}  // namespace

bool is_quantized(const std::filesystem::path& graph) {
  bool found = false;
  base::search_file(graph, kQuantizedOperators, 0, [&](std::string_view) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace vivace::runtime
