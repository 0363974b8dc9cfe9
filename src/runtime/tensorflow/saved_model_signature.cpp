#include "runtime/tensorflow/saved_model_signature.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace vivace::runtime::tensorflow {
namespace {

// Numbers of fields in TensorFlow's meta_graph.proto.
constexpr unsigned kSignatureDef = 5;  // of MetaGraphDef; a map
constexpr unsigned kInputs = 1;        // of SignatureDef; a map
constexpr unsigned kOutputs = 2;       // of SignatureDef; a map
constexpr unsigned kTensorName = 1;    // of TensorInfo
constexpr unsigned kKey = 1;           // of an entry of a map
constexpr unsigned kValue = 2;         // of an entry of a map

/// Walks the fields of a protobuf message; ends at the first byte that is none.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  struct Field {
    unsigned number = 0;
    std::string_view bytes;  ///< of a text or message, else empty
  };

  std::optional<Field> next() {
    const auto tag = varint();
    if (!tag) return std::nullopt;
    const auto number = static_cast<unsigned>(*tag >> 3U);
    switch (*tag & 7U) {
      case 0: return varint() ? std::optional<Field>({number, {}}) : std::nullopt;
      case 1: return taken(number, 8, false);
      case 2: {
        const auto size = varint();
        return size ? taken(number, *size, true) : std::nullopt;
      }
      case 5: return taken(number, 4, false);
      default: return std::nullopt;
    }
  }

 private:
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::optional<Field> taken(unsigned number, std::uint64_t size, bool keep) {
    if (size > rest_.size()) return std::nullopt;
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return Field{number, keep ? bytes : std::string_view{}};
  }

  std::string_view rest_;
};

/// The last field with that number, as protobuf has it; empty where there is none.
std::string_view field_of(std::string_view message, unsigned number) {
  std::string_view found;
  Fields fields(message);
  while (const auto field = fields.next()) {
    if (field->number == number) found = field->bytes;
  }
  return found;
}

SavedModelSignature parse_signature(std::string_view message) {
  SavedModelSignature signature;
  Fields fields(message);
  while (const auto field = fields.next()) {
    if (field->number != kInputs && field->number != kOutputs) continue;
    auto& tensors = field->number == kInputs ? signature.inputs : signature.outputs;
    tensors.insert_or_assign(std::string(field_of(field->bytes, kKey)),
                             std::string(field_of(field_of(field->bytes, kValue), kTensorName)));
  }
  return signature;
}

}  // namespace

SavedModelSignature read_signature(std::string_view meta_graph) {
  SavedModelSignature first;
  Fields fields(meta_graph);
  while (const auto field = fields.next()) {
    if (field->number != kSignatureDef) continue;
    SavedModelSignature signature = parse_signature(field_of(field->bytes, kValue));
    if (field_of(field->bytes, kKey) == "serving_default") return signature;
    if (first.outputs.empty() && !signature.inputs.empty()) first = std::move(signature);
  }
  return first;
}

}  // namespace vivace::runtime::tensorflow
