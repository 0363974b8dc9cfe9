#include "runtime/onnxruntime_nodes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "runtime/onnxruntime_arena.hpp"
#include "runtime/onnxruntime_environment.hpp"

namespace vivace::runtime {
namespace {

/// The text between `opening` and `closing`, where both are in `line`.
std::optional<std::string> between(std::string_view line, std::string_view opening, std::string_view closing) {
  const std::size_t begin = line.find(opening);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = line.find(closing, begin + opening.size());
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(begin + opening.size(), end - begin - opening.size()));
}

std::size_t count_in(std::string_view line) {
  constexpr std::string_view kLabel = "Number of nodes: ";
  const std::size_t begin = line.find(kLabel);
  std::size_t count = 0;
  if (begin != std::string_view::npos) {
    std::from_chars(line.data() + begin + kLabel.size(), line.data() + line.size(), count);
  }
  return count;
}

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view{} : line.substr(begin);
}

}  // namespace

std::vector<ProviderNodes> parse_node_placements(const std::vector<std::string>& lines) {
  std::vector<ProviderNodes> parts;
  std::size_t expected = 0;  // nodes of the last part that are still to be listed
  for (const std::string& line : lines) {
    if (auto provider = between(line, "All nodes placed on [", "]")) {
      parts.push_back({std::move(*provider), count_in(line), {}});
      expected = 0;
    } else if (auto partial = between(line, "Node(s) placed on [", "]")) {
      parts.push_back({std::move(*partial), count_in(line), {}});
      expected = parts.back().count;
    } else if (expected > 0) {
      parts.back().nodes.emplace_back(trimmed(line));
      --expected;
    }
  }
  return parts;
}

std::vector<ProviderNodes> nodes_by_provider(const std::filesystem::path& graph, const Ort::SessionOptions& settings) {
  Ort::SessionOptions telling = settings.Clone();
  telling.SetLogSeverityLevel(ORT_LOGGING_LEVEL_VERBOSE);
  const LogCapture capture;
  const ArenaUse arena(0);
  const Ort::Session session(onnxruntime_environment(), graph.c_str(), telling);
  return parse_node_placements(capture.lines());
}

}  // namespace vivace::runtime
