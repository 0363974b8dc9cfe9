#include "model/essentia_metadata.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestMetadata = std::size_t{1} << 20;
constexpr int kDeepestLevel = 32;
constexpr std::size_t kMostTensors = 256;
constexpr std::size_t kHighestRank = 8;
constexpr std::int64_t kLongestAxis = 1 << 20;

[[noreturn]] void mismatch(const std::string& where, const std::string& what) {
  throw Error(ErrorCode::model_mismatch, where + " " + what);
}

json parse_json(std::string_view text) {
  const auto bounded = [](int depth, json::parse_event_t, const json&) {
    if (depth > kDeepestLevel) throw Error(ErrorCode::corrupt_data, "JSON is nested too deeply");
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), bounded);
  } catch (const json::parse_error& error) {
    throw Error(ErrorCode::corrupt_data, fmt::format("not JSON from byte {} on", error.byte));
  } catch (const json::exception&) {
    throw Error(ErrorCode::corrupt_data, "JSON with a number that no double can hold");
  }
}

/// The member of an object, null where it is left out.
const json& member(const json& object, const char* key, const std::string& where) {
  static const json nothing;
  if (object.is_null()) return nothing;
  if (!object.is_object()) mismatch(where, "must be an object");
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string text_member(const json& object, const char* key, const std::string& where) {
  const json& value = member(object, key, where);
  if (value.is_null()) return "";
  if (!value.is_string()) mismatch(fmt::format("{}.{}", where, key), "must be a text");
  return value.get<std::string>();
}

/// Versions are written as texts, but some tools write numbers.
std::string version_of(const json& root) {
  const json& value = member(root, "version", "metadata");
  return value.is_number() ? value.dump() : text_member(root, "version", "metadata");
}

int sample_rate_of(const json& inference) {
  const json& value = member(inference, "sample_rate", "inference");
  if (value.is_null()) return EssentiaMetadata{}.sample_rate;
  const double rate = value.is_number() ? value.get<double>() : 0;
  if (!(rate >= 1000 && rate <= 192000) || rate != static_cast<int>(rate)) {
    mismatch("inference.sample_rate", "must be a whole number of Hz, 1000 to 192000");
  }
  return static_cast<int>(rate);
}

std::vector<std::string> classes_of(const json& root) {
  const json& value = member(root, "classes", "metadata");
  if (value.is_null()) return {};
  if (!value.is_array()) mismatch("classes", "must be an array of texts");
  std::vector<std::string> classes;
  for (const json& label : value) {
    if (!label.is_string()) mismatch(fmt::format("classes[{}]", classes.size()), "must be a text");
    classes.push_back(label.get<std::string>());
  }
  return classes;
}

std::int64_t axis_of(const json& value, const std::string& where) {
  if (value.is_string() || value.is_null()) return -1;
  if (!value.is_number_integer()) mismatch(where, "must hold whole numbers or names of free axes");
  const auto length = value.is_number_unsigned() && value.get<std::uint64_t>() > kLongestAxis
                          ? kLongestAxis + 1
                          : value.get<std::int64_t>();
  if (length < -1 || length == 0 || length > kLongestAxis) {
    mismatch(where, fmt::format("holds {}; axes are 1 to {}, or -1 where free", value.dump(), kLongestAxis));
  }
  return length;
}

std::vector<std::int64_t> shape_of(const json& tensor, const std::string& where) {
  const json& value = member(tensor, "shape", where);
  if (value.is_null()) return {};
  if (!value.is_array() || value.size() > kHighestRank) {
    mismatch(where + ".shape", fmt::format("must be an array of at most {} axes", kHighestRank));
  }
  std::vector<std::int64_t> shape;
  for (const json& axis : value) shape.push_back(axis_of(axis, where + ".shape"));
  return shape;
}

EssentiaTensor tensor_of(const json& value, const std::string& where) {
  if (!value.is_object()) mismatch(where, "must be an object");
  EssentiaTensor tensor;
  tensor.name = text_member(value, "name", where);
  if (tensor.name.empty()) mismatch(where, "has no name");
  tensor.shape = shape_of(value, where);
  tensor.op = text_member(value, "op", where);
  tensor.purpose = text_member(value, "output_purpose", where);
  return tensor;
}

std::vector<EssentiaTensor> tensors_of(const json& schema, const char* key) {
  const json& value = member(schema, key, "schema");
  if (value.is_null()) return {};
  const std::string where = fmt::format("schema.{}", key);
  if (!value.is_array() || value.size() > kMostTensors) {
    mismatch(where, fmt::format("must be an array of at most {} tensors", kMostTensors));
  }
  std::vector<EssentiaTensor> tensors;
  for (const json& tensor : value) tensors.push_back(tensor_of(tensor, fmt::format("{}[{}]", where, tensors.size())));
  return tensors;
}

}  // namespace

EssentiaMetadata parse_essentia_metadata(std::string_view text) {
  if (text.size() > kLargestMetadata) {
    throw Error(ErrorCode::corrupt_data, fmt::format("metadata is larger than {} bytes", kLargestMetadata));
  }
  const json root = parse_json(text);
  if (!root.is_object()) mismatch("metadata", "must be a JSON object");
  const json& schema = member(root, "schema", "metadata");
  const json& inference = member(root, "inference", "metadata");
  const json& embedding_model = member(inference, "embedding_model", "inference");
  EssentiaMetadata metadata;
  metadata.name = text_member(root, "name", "metadata");
  metadata.version = version_of(root);
  metadata.description = text_member(root, "description", "metadata");
  metadata.link = text_member(root, "link", "metadata");
  metadata.classes = classes_of(root);
  metadata.inputs = tensors_of(schema, "inputs");
  metadata.outputs = tensors_of(schema, "outputs");
  metadata.sample_rate = sample_rate_of(inference);
  metadata.algorithm = text_member(inference, "algorithm", "inference");
  metadata.embedding_model = text_member(embedding_model, "model_name", "inference.embedding_model");
  return metadata;
}

EssentiaMetadata read_essentia_metadata(const std::filesystem::path& path) {
  try {
    return parse_essentia_metadata(base::read_file(path, kLargestMetadata));
  } catch (const Error& error) {
    if (!error.context().empty()) throw;
    throw Error(error.code(), path.string(), error.message());
  }
}

}  // namespace vivace::model
