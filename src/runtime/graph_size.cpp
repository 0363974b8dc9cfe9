#include "runtime/graph_size.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/file_search.hpp"
#include "runtime/element_names.hpp"

namespace fs = std::filesystem;

namespace vivace::runtime {
namespace {

// An entry of TensorProto.external_data in onnx.proto, as protobuf writes it: the key "location" (field 1), then the
// tag of the value (field 2), its length and the name of the file.
constexpr std::array<std::string_view, 1> kLocation = {std::string_view("\x0a\x08location\x12", 11)};
constexpr std::size_t kLongestName = 256;

/// A protobuf string: a length of one or two bytes, and the bytes. Empty where that does not fit.
std::string string_at(std::string_view bytes) {
  if (bytes.size() < 2) return "";
  std::size_t length = static_cast<unsigned char>(bytes[0]);
  std::size_t start = 1;
  if (length >= 0x80) {
    length = (length & 0x7F) | static_cast<std::size_t>(static_cast<unsigned char>(bytes[1])) << 7;
    start = 2;
  }
  return start + length <= bytes.size() ? std::string(bytes.substr(start, length)) : "";
}

/// 0 where the shape does not tell.
std::size_t bytes_of(const TensorInfo& tensor, std::size_t rows) {
  Shape shape = tensor.shape;
  if (!shape.empty() && shape.front() < 0) shape.front() = static_cast<std::int64_t>(rows);
  const auto type = element_type_named(tensor.element_type);
  if (!type || std::any_of(shape.begin(), shape.end(), [](std::int64_t length) { return length < 0; })) return 0;
  return element_count(shape) * element_bytes(*type);
}

bool stays_inside(const fs::path& name) {
  return name.is_relative() && std::find(name.begin(), name.end(), "..") == name.end();
}

}  // namespace

std::vector<fs::path> external_weights(const fs::path& graph) {
  std::vector<fs::path> files;
  base::search_file(graph, kLocation, kLongestName, [&](std::string_view value) {
    const fs::path name = string_at(value);
    const fs::path file = graph.parent_path() / name;
    if (!name.empty() && stays_inside(name) && std::find(files.begin(), files.end(), file) == files.end()) {
      files.push_back(file);
    }
    return true;
  });
  return files;
}

std::size_t estimated_bytes(const fs::path& graph) {
  std::error_code status;
  if (fs::is_directory(graph, status)) return 0;
  std::uintmax_t weights = fs::file_size(graph, status);
  for (const fs::path& file : external_weights(graph)) {
    const std::uintmax_t bytes = fs::file_size(file, status);
    if (!status) weights += bytes;
  }
  // Once as read, once as kernels want them.
  constexpr std::uintmax_t kCopies = 2;
  constexpr std::uintmax_t kSession = 8 << 20;
  return static_cast<std::size_t>(kCopies * weights + kSession);
}

std::size_t bytes_of_run(const Session& session, std::size_t rows) {
  std::size_t bytes = 0;
  for (const TensorInfo& input : session.inputs()) bytes += bytes_of(input, rows);
  for (const TensorInfo& output : session.outputs()) bytes += bytes_of(output, rows);
  return bytes;
}

}  // namespace vivace::runtime
