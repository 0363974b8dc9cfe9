#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace vivace::runtime {

/// Graphs as a backend has optimized them, kept in a folder, so that a later start need not optimize again. What is not
/// whole, not of this user, or could be written by others is not used. A value; safe from many threads and processes.
class GraphCache {
 public:
  /// Empty: nothing is kept.
  explicit GraphCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// In base::cache_folder().
  static GraphCache from_environment();

  /// Names what becomes of `graph` under `circumstances`, which hold all that decides it but the graph. Nothing where
  /// it is not worth keeping: the graph is small, or has weights in other files, whose change would not show. Throws
  /// Error as base::sha256_of_file.
  std::optional<std::string> key_of(const std::filesystem::path& graph, const std::string& circumstances) const;

  /// The graph that was kept under a key; nothing where there is none that may be used.
  std::optional<std::filesystem::path> find(const std::string& key) const;

  /// Lets `write` write the graph to the path it is given, and keeps that. Weights may go to a file beside the graph,
  /// which has the name that it is given too. False, with nothing kept, where the folder cannot be written; what
  /// `write` throws is passed on. The graphs that were used least recently are removed until all are together below 4
  /// GiB.
  bool keep(const std::string& key,
            const std::function<void(const std::filesystem::path& graph, const std::string& weights)>& write) const;

  /// Removes what is kept under a key.
  void drop(const std::string& key) const;

 private:
  std::filesystem::path graph_file(const std::string& key) const { return folder_ / (key + ".onnx"); }
  std::filesystem::path digest_file(const std::string& key) const { return folder_ / (key + ".sha256"); }
  std::filesystem::path weights_file(const std::string& key) const { return folder_ / (key + ".weights"); }
  void publish(const std::string& key, const std::filesystem::path& graph, const std::filesystem::path& weights) const;
  void make_room() const;

  std::filesystem::path folder_;
};

}  // namespace vivace::runtime
