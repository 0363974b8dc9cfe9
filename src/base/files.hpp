#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "vivace/error.hpp"

namespace vivace::base {

/// Reads a whole file of at most `limit` bytes.
/// Throws Error: not_found, unavailable (cannot be read), resource_exhausted (larger than `limit`).
std::string read_file(const std::filesystem::path& path, std::size_t limit);

/// A file that appears under its name whole or not at all: it is written as `<path>.partial`, and `commit` syncs and
/// renames it; large files go to the disk all along, so that little is left to wait for. Without `commit` the
/// destructor removes it. A link is followed: what it points to is replaced. Devices and pipes (`/dev/null`) are
/// written directly. After a write that failed the file cannot be committed any more. Not thread-safe.
class AtomicFile {
 public:
  /// Throws Error(unavailable) where the file cannot be created, or another process is writing it.
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Throws Error(resource_exhausted) for a full disk, Error(unavailable) for other failures.
  void write(std::string_view bytes);
  /// Overwrites bytes at `offset`, which must already have been written. The next `write` still appends.
  void write_at(std::uint64_t offset, std::string_view bytes);
  /// Hands buffered bytes to the system, so that other processes see them in the partial file.
  void flush();
  /// Flushes, and waits until the bytes are on the disk.
  void sync();
  void commit();
  /// From now on the partial file stays where there is no `commit`, for a later run to go on with.
  void keep_partial() { removes_partial_ = false; }

  /// Where the bytes are until `commit`.
  const std::filesystem::path& working_path() const { return working_path_; }

 private:
  bool claim();
  void write_through(std::string_view bytes);
  void start_write_back(std::size_t written);
  [[noreturn]] void fail(const char* action);

  std::filesystem::path path_;
  std::filesystem::path working_path_;
  std::string buffer_;
  std::size_t waiting_bytes_ = 0;  // written since the system was told to put them on the disk
  int descriptor_ = -1;
  bool renames_ = true;
  bool removes_partial_ = true;
  bool failed_ = false;
};

/// Throws Error(unavailable) where a process is writing an AtomicFile with this `working_path`.
void require_not_being_written(const std::filesystem::path& partial);

/// True for `a` before `b` in natural order: runs of digits compare as numbers ("track 2" before "track 10"), other
/// bytes as they are. A strict weak order over any bytes.
bool natural_less(std::string_view a, std::string_view b);

/// ASCII letters in lower case, other bytes as they are.
std::string lower_case(std::string text);

/// Replaces what is not valid UTF-8 by U+FFFD, so that any file name can stand in JSON, SQLite and Parquet.
std::string to_valid_utf8(std::string_view bytes);

/// The folder of the running program, e.g. `/usr/bin`.
std::filesystem::path executable_folder();
/// The folder of the vivace library, e.g. `/usr/lib`. Throws Error(internal) where the loader does not tell.
std::filesystem::path library_folder();

/// Waits until the entries of a folder are on the disk, where the file system can tell.
void sync_folder(const std::filesystem::path& folder);

/// Lets the system begin to read a file, as it is wanted soon; its first 64 MiB. Does nothing where that cannot be.
void read_ahead(const std::filesystem::path& path);

/// Writes all bytes to a descriptor. Returns 0, or the `errno` of what failed.
int write_all(int descriptor, std::string_view bytes);

/// The error of an output: resource_exhausted for a full disk, else unavailable. `action` is what failed, e.g. "cannot
/// be written"; `error` an `errno`.
Error output_error(const std::string& context, const std::string& action, int error);

/// Writes to standard output and flushes it. Throws as `output_error`.
void write_standard_output(std::string_view bytes);

}  // namespace vivace::base
