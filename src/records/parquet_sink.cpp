#include <arrow/io/interfaces.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <cstdint>
#include <exception>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "records/parquet_columns.hpp"
#include "records/parquet_module.hpp"
#include "vivace/error.hpp"

namespace vivace::records {
namespace {

constexpr std::int64_t kGroupRecords = 1000;
constexpr std::size_t kGroupBytes = std::size_t{64} * 1024 * 1024;

/// Arrow's view of an AtomicFile. Errors of the file do not cross Arrow's code: it sees a Status, and `rethrow` gives
/// them back.
class FileStream : public arrow::io::OutputStream {
 public:
  explicit FileStream(std::filesystem::path path) : file_(std::move(path)) {}

  arrow::Status Write(const void* data, std::int64_t size) override {
    try {
      file_.write({static_cast<const char*>(data), static_cast<std::size_t>(size)});
    } catch (const Error& error) {
      error_ = std::current_exception();
      return arrow::Status::IOError(error.what());
    }
    position_ += size;
    return arrow::Status::OK();
  }

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }

  arrow::Result<std::int64_t> Tell() const override { return position_; }
  bool closed() const override { return closed_; }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }
  void commit() { file_.commit(); }

 private:
  base::AtomicFile file_;
  std::exception_ptr error_;
  std::int64_t position_ = 0;
  bool closed_ = false;
};

arrow::Compression::type best_codec() {
  for (const auto codec : {arrow::Compression::ZSTD, arrow::Compression::SNAPPY}) {
    if (arrow::util::Codec::IsAvailable(codec)) return codec;
  }
  return arrow::Compression::UNCOMPRESSED;
}

/// The Parquet columns that hold the numbers of vectors and matrices.
std::vector<std::string> float_columns(const Schema& schema) {
  std::vector<std::string> columns;
  for (const Field& field : schema) {
    if (field.type == FieldType::vector) columns.push_back(field.name + ".list.element");
    if (field.type == FieldType::matrix) columns.push_back(field.name + ".list.element.list.element");
  }
  return columns;
}

std::shared_ptr<parquet::WriterProperties> writer_properties(const Schema& schema) {
  parquet::WriterProperties::Builder builder;
  builder.compression(best_codec());
  builder.memory_pool(arrow::system_memory_pool());
  builder.max_row_group_length(std::numeric_limits<std::int64_t>::max());  // groups end where the sink says so
  for (const std::string& column : float_columns(schema)) {
    // Embeddings hardly repeat a number, so a dictionary costs time; split by byte they compress better.
    builder.disable_dictionary(column);
    builder.encoding(column, parquet::Encoding::BYTE_STREAM_SPLIT);
  }
  return builder.build();
}

std::shared_ptr<parquet::ArrowWriterProperties> arrow_properties() {
  return parquet::ArrowWriterProperties::Builder().store_schema()->set_use_threads(false)->build();
}

class ParquetSink : public Sink {
 public:
  explicit ParquetSink(const SinkOptions& options)
      : path_(options.path.string()), stream_(std::make_shared<FileStream>(options.path)), buffer_(options.schema) {
    auto writer = parquet::arrow::FileWriter::Open(*arrow_schema(options.schema), arrow::system_memory_pool(), stream_,
                                                   writer_properties(options.schema), arrow_properties());
    check(writer.status());
    writer_ = std::move(writer).ValueUnsafe();
  }

  void write(const Record& record) override {
    check(buffer_.append(record));
    if (buffer_.records() >= kGroupRecords || buffer_.bytes() >= kGroupBytes) write_group();
  }

  void finish() override {
    if (buffer_.records() > 0) write_group();
    check(writer_->Close());
    stream_->commit();
  }

 private:
  void write_group() {
    auto batch = buffer_.take();
    check(batch.status());
    check(writer_->NewBufferedRowGroup());
    check(writer_->WriteRecordBatch(**batch));
  }

  void check(const arrow::Status& status) const {
    if (status.ok()) return;
    stream_->rethrow();
    const bool memory = status.IsOutOfMemory() || status.IsCapacityError();
    throw Error(memory ? ErrorCode::resource_exhausted : ErrorCode::internal, path_, status.message());
  }

  std::string path_;
  std::shared_ptr<FileStream> stream_;
  ColumnBuffer buffer_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

}  // namespace
}  // namespace vivace::records

vivace::records::Sink* vivace_open_parquet_sink(vivace::records::SinkOptions* options) {
  return new vivace::records::ParquetSink(*options);
}
