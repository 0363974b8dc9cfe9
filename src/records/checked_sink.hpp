#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "records/sink.hpp"

namespace vivace::records {

/// Keeps from a sink what does not fit its schema, and what comes after its end.
class CheckedSink : public Sink {
 public:
  /// `schema` and `key_fields` are those of `sink`, and passed `check_schema`.
  CheckedSink(std::unique_ptr<Sink> sink, Schema schema, const std::vector<std::string>& key_fields);

  void write(const Record& record) override;
  void finish() override;

 private:
  std::unique_ptr<Sink> sink_;
  Schema schema_;
  std::vector<std::size_t> keys_;
  bool finished_ = false;
};

}  // namespace vivace::records
