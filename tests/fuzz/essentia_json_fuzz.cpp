// Metadata is refused with an Error or read, and then the search for tensors ends the same way.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/essentia_metadata.hpp"
#include "model/essentia_recipe.hpp"
#include "model/essentia_roles.hpp"
#include "vivace/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vivace;
  static const std::vector<runtime::TensorInfo> kInputs{{"melspectrogram", "float32", {-1, 128, 96}}};
  static const std::vector<runtime::TensorInfo> kOutputs{{"PartitionedCall:0", "float32", {-1, 400}},
                                                         {"PartitionedCall:1", "float32", {-1, 1280}},
                                                         {"model/Sigmoid:0", "float32", {-1, 400}}};
  try {
    const auto metadata = model::parse_essentia_metadata({reinterpret_cast<const char*>(data), size});
    model::plain_model_name(metadata.embedding_model);
    model::find_roles(metadata, kInputs, kOutputs, {});
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
