#include "records/text_sink.hpp"

#include <utility>

#include "records/stored_output.hpp"

namespace vivace::records {
TextSink::TextSink(const TextFormat& format, SinkOptions options) : format_(format), options_(std::move(options)) {
  if (options_.path == "-") {
    put(format_.header(options_.schema));
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
  put(format_.header(options_.schema));
  if (!stored.empty()) carry_over(stored);
}

void TextSink::carry_over(const std::vector<StoredFile>& files) {
  visit_stored(format_, files, options_.key_fields, &options_.schema, [&](const StoredRecord& stored) {
    if (options_.keep(stored.record)) file_->write(stored.text);
  });
  file_->sync();
  file_->keep_partial();
  remove_set_aside(options_.path);
}

void TextSink::put(std::string_view text) {
  if (!file_) return base::write_standard_output(text);
  file_->write(text);
  file_->flush();
}

}  // namespace vivace::records
