#pragma once

#include "records/sink.hpp"

namespace vivace::cli {

/// Prints a line a track for people: path, duration and the highest tags, or what went wrong.
class TrackPrinter : public records::Sink {
 public:
  /// `schema` holds the fields of embed::track_schema.
  explicit TrackPrinter(const records::Schema& schema);
  void write(const records::Record& record) override;
  void finish() override {}

 private:
  std::size_t path_;
  std::size_t error_;
  std::size_t duration_;
  std::size_t note_;
  std::size_t tags_;
};

}  // namespace vivace::cli
