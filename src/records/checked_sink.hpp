#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "records/sink.hpp"

namespace vivace::records {

/// Keeps from a sink what does not fit its schema, and what comes after its end.
class CheckedSink : public Sink {
 public:
  /// `options` are those of `sink`, with a schema that passed `check_schema`.
  CheckedSink(std::unique_ptr<Sink> sink, const SinkOptions& options);

  void write(const Record& record) override;
  void finish() override;

 private:
  std::unique_ptr<Sink> sink_;
  Schema schema_;
  std::vector<std::size_t> keys_;
  bool finished_ = false;
};

}  // namespace vivace::records
