#include "records/checked_sink.hpp"

#include <fmt/format.h>

#include <utility>

#include "records/schema.hpp"
#include "vivace/error.hpp"

namespace vivace::records {

CheckedSink::CheckedSink(std::unique_ptr<Sink> sink, Schema schema, const std::vector<std::string>& key_fields)
    : sink_(std::move(sink)), schema_(std::move(schema)) {
  for (const std::string& name : key_fields) keys_.push_back(find_field(schema_, name).value());
}

void CheckedSink::write(const Record& record) {
  if (finished_) throw Error(ErrorCode::internal, "record", "was written to a finished sink");
  check_record(schema_, record);
  for (const std::size_t key : keys_) {
    if (!std::holds_alternative<std::monostate>(record[key])) continue;
    throw Error(ErrorCode::invalid_argument, "record", fmt::format("has no value for its key '{}'", schema_[key].name));
  }
  sink_->write(record);
}

void CheckedSink::finish() {
  if (finished_) throw Error(ErrorCode::internal, "sink", "was finished twice");
  sink_->finish();
  finished_ = true;
}

}  // namespace vivace::records
