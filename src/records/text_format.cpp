#include "records/text_format.hpp"

#include <fmt/format.h>

namespace vivace::records {

StoredLines::StoredLines(const StoredFile& file) : file_(file), stream_(file.path, std::ios::binary) {
  if (!stream_) throw Error(ErrorCode::unavailable, file_.path.string(), "cannot be read");
}

bool StoredLines::next(std::string& line) {
  line.clear();
  std::getline(stream_, line);
  if (stream_.bad()) throw Error(ErrorCode::unavailable, file_.path.string(), "cannot be read");
  const bool torn = stream_.eof();
  if (line.empty() && torn) return false;
  if (torn && !file_.finished) return false;
  line += '\n';
  ++line_;
  return true;
}

Error StoredLines::corrupt(std::string_view reason) const {
  return Error(ErrorCode::corrupt_data, file_.path.string(),
               fmt::format("line {} {}; repair or remove the file, or write to another", line_, reason));
}

}  // namespace vivace::records
