#include "library/nearest_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/files.hpp"
#include "base/sha256.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::uint64_t kMostNumbers = std::uint64_t{1} << 40;  // so that no product below wraps around
constexpr char kMagic[8] = {'v', 'i', 'v', 'n', 'e', 'a', 'r', '1'};

struct Header {
  char magic[8];
  char stamp[64];  // SHA-256 in hexadecimal digits
  std::uint64_t tracks;
  std::uint64_t dimension;
  std::uint64_t axes;
  std::uint64_t stride;
  float steps;
  std::uint32_t reserved;
};

/// Where the parts of a file begin, in bytes.
struct Layout {
  std::size_t mean, axes, tracks, vectors, codes, end;
};

std::size_t aligned(std::size_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

Layout layout_of(const Header& header) {
  Layout layout{};
  layout.mean = aligned(sizeof(Header));
  layout.axes = aligned(layout.mean + header.dimension * sizeof(float));
  layout.tracks = aligned(layout.axes + header.axes * header.dimension * sizeof(float));
  layout.vectors = aligned(layout.tracks + header.tracks * sizeof(std::int64_t));
  layout.codes = aligned(layout.vectors + header.tracks * header.dimension * sizeof(float));
  layout.end = layout.codes + header.tracks * header.stride;
  return layout;
}

std::string digest(const std::string& stamp) {
  base::Sha256 hash;
  hash.update(stamp);
  return hash.finish();
}

Header header_of(const std::string& stamp, const SearchData& data) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  std::memcpy(header.stamp, digest(stamp).data(), sizeof(header.stamp));
  header.tracks = data.tracks.size();
  header.dimension = data.vectors.dimension;
  header.axes = data.basis.axes.size() / data.vectors.dimension;
  header.stride = data.basis.stride;
  header.steps = data.basis.steps;
  return header;
}

/// Writes parts one after the other, each at its offset.
class PartWriter {
 public:
  explicit PartWriter(base::AtomicFile& file) : file_(file) {}

  void write(const void* bytes, std::size_t size, std::size_t offset) {
    file_.write(std::string(offset - written_, '\0'));
    file_.write({static_cast<const char*>(bytes), size});
    written_ = offset + size;
  }

  template <typename T>
  void write(std::span<const T> values, std::size_t offset) {
    write(values.data(), values.size_bytes(), offset);
  }

 private:
  base::AtomicFile& file_;
  std::size_t written_ = 0;
};

/// A file in memory, until it goes.
class Mapping {
 public:
  Mapping(void* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { munmap(bytes_, size_); }

  std::size_t size() const { return size_; }

  /// Lets the system begin to read the bytes from `offset` on.
  void read_ahead(std::size_t offset) const {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t begin = offset / page * page;
    madvise(static_cast<char*>(bytes_) + begin, size_ - begin, MADV_WILLNEED);
  }

  template <typename T>
  std::span<const T> part(std::size_t offset, std::size_t count) const {
    return {reinterpret_cast<const T*>(static_cast<const char*>(bytes_) + offset), count};
  }

 private:
  void* bytes_;
  std::size_t size_;
};

std::shared_ptr<const Mapping> map(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  struct stat status {};
  void* bytes = MAP_FAILED;
  const bool is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
  if (is_file) {
    bytes = mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0);
  }
  close(descriptor);
  if (bytes == MAP_FAILED) return nullptr;
  return std::make_shared<const Mapping>(bytes, static_cast<std::size_t>(status.st_size));
}

bool is_sound(const Header& header, const std::string& stamp) {
  const bool ours = std::memcmp(header.magic, kMagic, sizeof(kMagic)) == 0 &&
                    std::memcmp(header.stamp, digest(stamp).data(), sizeof(header.stamp)) == 0;
  if (!ours || header.dimension == 0 || header.dimension > kMostNumbers / sizeof(float)) return false;
  const std::uint64_t most_rows = kMostNumbers / sizeof(float) / header.dimension;
  return header.tracks <= most_rows && header.axes <= header.dimension && header.axes <= most_rows &&
         header.stride % 32 == 0 && header.stride >= (header.axes > 0 ? header.axes : header.dimension) &&
         header.stride < header.dimension + 32;
}

}  // namespace

void write_search_file(const std::filesystem::path& path, const std::string& stamp, const SearchData& data) {
  const Header header = header_of(stamp, data);
  const Layout layout = layout_of(header);
  base::AtomicFile file(path);
  PartWriter parts(file);
  parts.write(&header, sizeof(header), 0);
  parts.write(std::span<const float>(data.basis.mean), layout.mean);
  parts.write(std::span<const float>(data.basis.axes), layout.axes);
  parts.write(data.tracks, layout.tracks);
  parts.write(data.vectors.values, layout.vectors);
  parts.write(data.codes, layout.codes);
  file.commit();
}

std::optional<SearchData> map_search_file(const std::filesystem::path& path, const std::string& stamp) {
  const std::shared_ptr<const Mapping> mapping = map(path);
  if (mapping == nullptr || mapping->size() < sizeof(Header)) return std::nullopt;
  const Header header = mapping->part<Header>(0, 1).front();
  if (!is_sound(header, stamp)) return std::nullopt;
  const Layout layout = layout_of(header);
  if (mapping->size() != layout.end) return std::nullopt;
  mapping->read_ahead(layout.codes);
  const auto mean = mapping->part<float>(layout.mean, header.dimension);
  const auto axes = mapping->part<float>(layout.axes, header.axes * header.dimension);
  SearchData data;
  data.tracks = mapping->part<std::int64_t>(layout.tracks, header.tracks);
  data.vectors = {mapping->part<float>(layout.vectors, header.tracks * header.dimension), header.dimension};
  data.basis = {{mean.begin(), mean.end()}, {axes.begin(), axes.end()}, header.stride, header.steps};
  data.codes = mapping->part<std::int8_t>(layout.codes, header.tracks * header.stride);
  data.owner = mapping;
  return data;
}

}  // namespace vivace::library
