#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vivace::runtime::tensorflow {

/// How the tensors of a SavedModel are called: the name for users -> the tensor, e.g. "StatefulPartitionedCall:0".
struct SavedModelSignature {
  std::map<std::string, std::string> inputs;
  std::map<std::string, std::string> outputs;
};

/// The signature "serving_default" out of a serialized tensorflow.MetaGraphDef, else the first one that has outputs.
/// Empty where there is none. Safe for any bytes.
SavedModelSignature read_signature(std::string_view meta_graph);

}  // namespace vivace::runtime::tensorflow
