#pragma once

#include <optional>
#include <string>

#include "base/files.hpp"
#include "records/sink.hpp"
#include "records/text_format.hpp"

namespace vivace::records {

/// Writes records as lines of text to a file or, for the path "-", to standard output. Every record is handed to the
/// system as soon as it is written; `stored_output.hpp` says what an interrupted run leaves.
class TextSink : public Sink {
 public:
  /// `format` outlives the sink.
  TextSink(const TextFormat& format, SinkOptions options);

  void write(const Record& record) override;
  void finish() override;

 private:
  void open_file();
  void carry_over(const std::vector<StoredFile>& files);
  void put(std::string_view text);

  const TextFormat& format_;
  SinkOptions options_;
  std::optional<base::AtomicFile> file_;  // none: standard output
  std::string text_;                      // of the record being written
};

}  // namespace vivace::records
