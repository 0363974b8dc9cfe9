#include "runtime/graph_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/files.hpp"
#include "vivace/error.hpp"

namespace fs = std::filesystem;

namespace vivace::runtime {
namespace {

/// "model.onnx" where that lies in a folder, else any other graph there; empty where there is none.
std::string graph_in(const fs::path& folder) {
  std::error_code status;
  std::string found;
  for (fs::directory_iterator entry(folder, status), end; !status && entry != end; entry.increment(status)) {
    const fs::path name = entry->path().filename();
    if (name == "model.onnx") return name;
    if (name.extension() == ".onnx") found = name;
  }
  return found;
}

[[noreturn]] void fail_to_look(const fs::path& path, const std::error_code& status) {
  if (!status || status.value() == ENOENT || status.value() == ENOTDIR) {
    throw Error(ErrorCode::not_found, shortened(path), "no such file");
  }
  const bool can_never_be = status.value() == ENAMETOOLONG || status.value() == ELOOP;
  throw Error(can_never_be ? ErrorCode::not_found : ErrorCode::unavailable, shortened(path),
              fmt::format("cannot be looked at: {}", status.message()));
}

}  // namespace

std::string shortened(const fs::path& path) {
  constexpr std::size_t kLongest = 300;
  constexpr std::size_t kEnd = 140;
  const std::string& text = path.native();
  if (text.size() <= kLongest) return text;
  return base::to_valid_utf8(text.substr(0, kEnd) + " … " + text.substr(text.size() - kEnd));
}

void require_regular_file(const fs::path& path) {
  std::error_code status;
  const fs::file_type type = fs::status(path, status).type();
  if (type == fs::file_type::regular) return;
  if (type == fs::file_type::none || type == fs::file_type::not_found) fail_to_look(path, status);
  throw Error(ErrorCode::invalid_argument, shortened(path),
              type == fs::file_type::directory ? "is a folder, not a file" : "is not a regular file");
}

void require_graph_file(const fs::path& graph) {
  if (graph.empty()) throw Error(ErrorCode::invalid_argument, "no model is given; name an ONNX file");
  std::error_code status;
  if (!fs::is_directory(graph, status)) return require_regular_file(graph);
  if (fs::exists(graph / "saved_model.pb", status)) return;
  const std::string inside = graph_in(graph);
  throw Error(ErrorCode::invalid_argument, shortened(graph),
              inside.empty() ? "is a folder, not a graph file"
                             : fmt::format("is a folder; give the graph file in it: {}", inside));
}

}  // namespace vivace::runtime
