#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/isolation/isolated_session.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_graph.hpp"

namespace vivace::test {

/// A graph in a file of its own.
class GraphFile {
 public:
  explicit GraphFile(const std::string& graph) { write_text(path_, graph); }

  const std::filesystem::path& path() const { return path_; }
  runtime::SessionOptions session() const {
    runtime::SessionOptions options;
    options.graph = path_;
    return options;
  }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "net.onnx";
};

inline constexpr int kFloatInOnnx = 1;

/// Gives float32 values out as they are.
inline std::string float_identity() { return identity_graph(kFloatInOnnx, {-1}); }

inline std::vector<NamedTensor> filled(std::size_t count, float value) {
  const std::vector<float> values(count, value);
  return {{"x", Tensor::of<float>({static_cast<std::int64_t>(count)}, values)}};
}

inline const std::vector<std::string> kOutput{"y"};

/// How many values of its only input, of ones, a session on expand_graph gives out.
inline std::size_t expand(const runtime::Session& session, std::int64_t count) {
  const std::vector<float> x{1};
  const std::vector<std::int64_t> shape{count};
  const std::vector<NamedTensor> inputs{{"x", Tensor::of<float>({1}, x)},
                                        {"shape", Tensor::of<std::int64_t>({1}, shape)}};
  return session.run(inputs, kOutput, {}).front().size();
}

/// The pattern of a process killed by SIGKILL in the text of an error.
inline constexpr const char* kKilled = "was ended by signal 9 (Killed)";

}  // namespace vivace::test
