#include "records/jsonl_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "records/json_line.hpp"
#include "records/stored_output.hpp"
#include "records/text_format.hpp"
#include "records/text_sink.hpp"

namespace vivace::records {
namespace {

using Json = nlohmann::json;

/// Picks members of a JSON object, and stops reading when it has them all, so that the long arrays behind them cost
/// nothing.
class MemberPicker : public nlohmann::json_sax<Json> {
 public:
  explicit MemberPicker(const std::vector<std::string>& names) {
    for (const std::string& name : names) members_[name];
    missing_ = members_.size();
  }

  /// The value of a member; nothing where it is absent or no text.
  const std::optional<std::string>& text(const std::string& name) const { return members_.at(name); }
  /// Something other than a JSON object was met.
  bool failed() const { return failed_; }

  bool null() override { return take({}); }
  bool boolean(bool) override { return take({}); }
  bool number_integer(number_integer_t) override { return take({}); }
  bool number_unsigned(number_unsigned_t) override { return take({}); }
  bool number_float(number_float_t, const string_t&) override { return take({}); }
  bool string(string_t& value) override { return take(std::move(value)); }
  bool binary(binary_t&) override { return take({}); }

  bool start_object(std::size_t) override { return depth_++ == 0 || take({}); }
  bool start_array(std::size_t) override { return depth_++ == 0 ? fail() : take({}); }
  bool end_object() override { return --depth_ >= 0; }
  bool end_array() override { return --depth_ >= 0; }

  bool key(string_t& name) override {
    const auto found = members_.find(name);
    wanted_ = depth_ == 1 && found != members_.end() ? &found->second : nullptr;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return fail(); }

 private:
  bool take(std::optional<std::string> value) {
    if (depth_ == 0) return fail();
    if (wanted_ == nullptr) return true;
    *std::exchange(wanted_, nullptr) = std::move(value);
    return --missing_ > 0;
  }

  bool fail() {
    failed_ = true;
    return false;
  }

  std::map<std::string, std::optional<std::string>> members_;
  std::optional<std::string>* wanted_ = nullptr;  // where the next value goes
  std::size_t missing_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

bool ends_as_object(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  return last != std::string_view::npos && line[last] == '}';
}

class StoredJsonLines : public StoredRecords {
 public:
  StoredJsonLines(const StoredFile& file, const std::vector<std::string>& key_fields, const Schema* schema)
      : lines_(file), key_fields_(key_fields), members_(key_fields) {
    members_.push_back(kStatusField);
    if (schema != nullptr) require_fields(file, *schema);
  }

  bool next(StoredRecord& stored) override {
    if (!lines_.next(stored.text)) return false;
    MemberPicker picker(members_);
    Json::sax_parse(stored.text, &picker);
    if (picker.failed() || !ends_as_object(stored.text)) throw lines_.corrupt("is no JSON object");
    stored.record.key.clear();
    for (const std::string& name : key_fields_) stored.record.key.push_back(key_value(picker, name));
    stored.record.failed = picker.text(kStatusField) == kFailedStatus;
    return true;
  }

 private:
  /// Looks at the first record only: a run writes the same fields to all.
  static void require_fields(const StoredFile& file, const Schema& schema) {
    std::string first;
    if (!StoredLines(file).next(first)) return;
    const Json record = Json::parse(first, nullptr, false);
    if (!record.is_object()) return;
    const bool same = record.size() == schema.size() && std::all_of(schema.begin(), schema.end(), [&](const Field& f) {
                        return record.contains(f.name);
                      });
    if (same) return;
    throw Error(ErrorCode::invalid_argument, file.path.string(),
                "holds other fields than would be written to it; write to another file");
  }

  std::string key_value(const MemberPicker& picker, const std::string& name) const {
    if (const auto& value = picker.text(name)) return *value;
    throw lines_.corrupt(fmt::format("has no text '{}'", name));
  }

  StoredLines lines_;
  std::vector<std::string> key_fields_;
  std::vector<std::string> members_;
};

class JsonLinesFormat : public TextFormat {
 public:
  std::string header(const Schema&) const override { return {}; }

  void append_record(std::string& text, const Schema& schema, const Record& record) const override {
    append_json_line(text, schema, record);
    text += '\n';
  }

  std::unique_ptr<StoredRecords> open(const StoredFile& file, const std::vector<std::string>& key_fields,
                                      const Schema* schema) const override {
    return std::make_unique<StoredJsonLines>(file, key_fields, schema);
  }
};

const JsonLinesFormat kFormat;

}  // namespace

std::unique_ptr<Sink> open_jsonl_sink(SinkOptions options) {
  return std::make_unique<TextSink>(kFormat, std::move(options));
}

std::vector<ExistingRecord> read_jsonl(const std::filesystem::path& path, const std::vector<std::string>& key_fields,
                                       const std::string&) {
  return read_stored(kFormat, path, key_fields);
}

}  // namespace vivace::records
