#include "records/npz_file.hpp"

#include <fmt/format.h>
#include <zip.h>
#include <zlib.h>

#include <string_view>

#include "base/seekable_file.hpp"
#include "records/npy_header.hpp"
#include "vivace/error.hpp"

namespace vivace::records {
namespace {

// Numbers of floating point hardly become smaller at higher levels, only slower.
constexpr int kLevel = Z_BEST_SPEED;

// From here on an entry needs ZIP's larger numbers.
constexpr std::uint64_t kLargestSmallEntry = 0xF0000000;

// What minizip takes at a time.
constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

/// minizip on a file.
class NpzFile::Archive {
 public:
  explicit Archive(const std::filesystem::path& path) : path_(path.string()), file_(path) {
    zlib_filefunc64_def functions{};
    functions.zopen64_file = [](voidpf archive, const void*, int) { return archive; };
    functions.zwrite_file = [](voidpf, voidpf archive, const void* bytes, uLong size) -> uLong {
      return of(archive).file_.write({static_cast<const char*>(bytes), size}) ? size : 0;
    };
    functions.ztell64_file = [](voidpf, voidpf archive) -> ZPOS64_T { return of(archive).file_.position(); };
    functions.zseek64_file = [](voidpf, voidpf archive, ZPOS64_T offset, int origin) -> long {
      return of(archive).seek(offset, origin) ? 0 : -1;
    };
    functions.zclose_file = [](voidpf, voidpf) { return 0; };
    functions.zerror_file = [](voidpf, voidpf archive) { return of(archive).file_.failed() ? 1 : 0; };
    functions.opaque = this;
    zip_ = zipOpen2_64(path_.c_str(), APPEND_STATUS_CREATE, nullptr, &functions);
    if (zip_ == nullptr) throw Error(ErrorCode::internal, path_, "the archive cannot be begun");
  }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  ~Archive() {
    if (zip_ != nullptr) zipClose(zip_, nullptr);
  }

  void add(const std::string& name, std::string_view header, std::string_view numbers) {
    zip_fileinfo info{};
    info.tmz_date.tm_mday = 1;
    info.tmz_date.tm_year = 1980;  // the first year that ZIP knows
    const int large = numbers.size() >= kLargestSmallEntry ? 1 : 0;
    require(zipOpenNewFileInZip64(zip_, (name + ".npy").c_str(), &info, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED,
                                  kLevel, large));
    compress(header);
    compress(numbers);
    require(zipCloseFileInZip(zip_));
  }

  void finish() {
    const int status = zipClose(zip_, nullptr);
    zip_ = nullptr;
    require(status);
    file_.commit();
  }

 private:
  static Archive& of(voidpf archive) { return *static_cast<Archive*>(archive); }

  void compress(std::string_view bytes) {
    for (std::size_t begin = 0; begin < bytes.size(); begin += kPiece) {
      const std::string_view piece = bytes.substr(begin, kPiece);
      require(zipWriteInFileInZip(zip_, piece.data(), static_cast<unsigned>(piece.size())));
    }
  }

  void require(int status) {
    file_.rethrow();
    if (status != ZIP_OK) throw Error(ErrorCode::internal, path_, fmt::format("minizip failed with {}", status));
  }

  bool seek(std::uint64_t offset, int origin) {
    if (origin == ZLIB_FILEFUNC_SEEK_CUR) offset += file_.position();
    if (origin == ZLIB_FILEFUNC_SEEK_END) offset += file_.size();
    return file_.seek(offset);
  }

  std::string path_;
  base::SeekableFile file_;
  zipFile zip_ = nullptr;
};

NpzFile::NpzFile(const std::filesystem::path& path) : archive_(std::make_unique<Archive>(path)) {}

NpzFile::~NpzFile() = default;

void NpzFile::add(const std::string& name, std::span<const std::uint64_t> shape, std::span<const float> values) {
  archive_->add(name, npy_header("<f4", shape), {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void NpzFile::add(const std::string& name, double value) {
  archive_->add(name, npy_header("<f8", {}), {reinterpret_cast<const char*>(&value), sizeof(value)});
}

void NpzFile::finish() { archive_->finish(); }

}  // namespace vivace::records
