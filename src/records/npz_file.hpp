#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace vivace::records {

/// An NPZ as `numpy.savez_compressed` writes it: a ZIP archive of compressed arrays. It appears under its name whole or
/// not at all, with `finish`; the same arrays give the same bytes. Not thread-safe. All members throw Error as Sink
/// does.
class NpzFile {
 public:
  explicit NpzFile(const std::filesystem::path& path);
  NpzFile(const NpzFile&) = delete;
  NpzFile& operator=(const NpzFile&) = delete;
  ~NpzFile();

  /// `name` has not been added before. `values` are row-major; the shape's product is their number.
  void add(const std::string& name, std::span<const std::uint64_t> shape, std::span<const float> values);
  /// A single number, an array without axes.
  void add(const std::string& name, double value);

  void finish();

 private:
  class Archive;
  std::unique_ptr<Archive> archive_;
};

}  // namespace vivace::records
