#include "records/text_sink.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "records/stored_output.hpp"
#include "vivace/error.hpp"

namespace vivace::records {
namespace {

void write_to_standard_output(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  const int error = errno;
  throw Error(error == ENOSPC ? ErrorCode::resource_exhausted : ErrorCode::unavailable, "standard output",
              fmt::format("cannot be written: {}", std::strerror(error)));
}

}  // namespace

TextSink::TextSink(const TextFormat& format, SinkOptions options)
    : format_(format), options_(std::move(options)), header_(format_.header(options_.schema)) {
  if (options_.path == "-") {
    put(header_);
  } else {
    open_file();
  }
}

void TextSink::write(const Record& record) {
  text_.clear();
  format_.append_record(text_, options_.schema, record);
  if (file_) file_->keep_partial();
  put(text_);
}

void TextSink::finish() {
  if (file_) file_->commit();
}

void TextSink::open_file() {
  std::vector<StoredFile> stored;
  if (options_.keep) {
    set_aside_partial(options_.path);
    stored = stored_files(options_.path);
  } else {
    remove_set_aside(options_.path);
  }
  file_.emplace(options_.path);
  put(header_);
  if (!stored.empty()) carry_over(stored);
}

void TextSink::carry_over(const std::vector<StoredFile>& files) {
  visit_stored(format_, files, options_.key_fields, header_, [&](const StoredRecord& stored) {
    if (options_.keep(stored.record)) file_->write(stored.text);
  });
  file_->sync();
  file_->keep_partial();
  remove_set_aside(options_.path);
}

void TextSink::put(std::string_view text) {
  if (!file_) return write_to_standard_output(text);
  file_->write(text);
  file_->flush();
}

}  // namespace vivace::records
