#include "tasks/embed/embed_record.hpp"

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

#include "base/files.hpp"

namespace vivace::embed {
namespace {

using records::FieldType;
using records::Value;

Value number_list(const std::vector<double>& values) { return std::vector<float>(values.begin(), values.end()); }

Value named_numbers(const std::vector<Tag>& tags) {
  records::NamedNumbers numbers;
  for (const Tag& tag : tags) numbers.emplace_back(tag.name, tag.value);
  return numbers;
}

Value text_or_null(const std::string& text) { return text.empty() ? Value{} : Value{base::to_valid_utf8(text)}; }

}  // namespace

TrackResult embed_track(const Embedder& embedder, const std::filesystem::path& path) {
  TrackResult result;
  result.path = path.string();
  try {
    result.embedding = embedder.embed_file(path);
  } catch (const Error& error) {
    result.error_code = error_code_name(error.code());
    result.error_message = error.context() == result.path ? error.message() : error.what();
  } catch (const std::bad_alloc&) {
    result.error_code = error_code_name(ErrorCode::resource_exhausted);
    result.error_message = "out of memory; use fewer --threads or a smaller --batch";
  } catch (const std::exception& error) {
    result.error_code = error_code_name(ErrorCode::internal);
    result.error_message = error.what();
  }
  return result;
}

records::Schema track_schema(const EmbedModelInfo& model, const RecordOptions& options) {
  const std::size_t labels = model.labels.size();
  records::Schema schema = {
      {.name = "path", .type = FieldType::text, .description = "the file, as it was given"},
      {.name = "status", .type = FieldType::text, .description = "ok or failed"},
      {.name = "error", .type = FieldType::failure, .description = "why it failed"},
      {.name = "duration_s", .type = FieldType::number, .unit = "s", .description = "length of the decoded audio"},
      {.name = "truncated", .type = FieldType::boolean, .description = "the file ended early or its tail was damaged"},
      {.name = "note", .type = FieldType::text, .description = "why there are no rows"},
      {.name = "model", .type = FieldType::text, .description = "extractor and heads"},
      {.name = "model_sha256", .type = FieldType::text, .description = "SHA-256 of the graph, of a chain joined by +"},
      {.name = "front_end", .type = FieldType::text, .description = "features that the model was given"},
      {.name = "resampler", .type = FieldType::text, .description = "linear, sinc-medium or soxr-hq"},
      {.name = "dimension", .type = FieldType::integer, .description = "length of an embedding"},
      {.name = "row_rate_hz", .type = FieldType::number, .unit = "Hz", .description = "rows a second of audio"},
      {.name = "rows", .type = FieldType::integer, .description = "patches that the track was cut into"},
      {.name = "embedding", .type = FieldType::vector, .size = model.dimension, .description = "mean over the rows"},
      {.name = "tags", .type = FieldType::named_numbers, .description = "mean activation of each label"},
  };
  if (options.rows) {
    schema.push_back(
        {.name = "times_s", .type = FieldType::vector, .unit = "s", .description = "begin of each row's patch"});
    schema.push_back(
        {.name = "embeddings", .type = FieldType::matrix, .size = model.dimension, .description = "[rows, dimension]"});
    schema.push_back(
        {.name = "activations", .type = FieldType::matrix, .size = labels, .description = "[rows, labels]"});
  }
  return schema;
}

records::Record track_record(const EmbedModelInfo& model, TrackResult result, const RecordOptions& options) {
  const bool failed = result.failed();
  Embedding& embedding = result.embedding;
  const bool has_rows = embedding.rows > 0;
  const auto if_ok = [&](Value value) { return failed ? Value{} : std::move(value); };
  const auto if_rows = [&](Value value) { return has_rows ? std::move(value) : Value{}; };
  const auto count = [](std::size_t value) { return static_cast<std::int64_t>(value); };

  records::Record record = {
      base::to_valid_utf8(result.path),
      std::string(failed ? "failed" : "ok"),
      failed ? Value{records::Failure{result.error_code, base::to_valid_utf8(result.error_message)}} : Value{},
      if_ok(embedding.duration_s),
      if_ok(embedding.truncated),
      text_or_null(embedding.note),
      model.name,
      model.sha256,
      model.front_end,
      model.resampler,
      count(model.dimension),
      model.row_rate_hz,
      if_ok(count(embedding.rows)),
      if_rows(std::move(embedding.mean)),
      if_rows(named_numbers(top_tags(model, embedding.tags, options.top_tags))),
  };
  if (options.rows) {
    record.push_back(if_rows(number_list(embedding.times_s)));
    record.push_back(if_rows(records::Matrix{embedding.rows, model.dimension, std::move(embedding.embeddings)}));
    record.push_back(if_rows(records::Matrix{embedding.rows, model.labels.size(), std::move(embedding.activations)}));
  }
  return record;
}

std::vector<std::string> track_key_fields() { return {"path", "model", "model_sha256", "front_end", "resampler"}; }

std::vector<std::string> track_key(const EmbedModelInfo& model, const std::filesystem::path& path) {
  return {base::to_valid_utf8(path.string()), model.name, model.sha256, model.front_end, model.resampler};
}

std::vector<Tag> top_tags(const EmbedModelInfo& model, const std::vector<Tag>& tags, std::size_t count) {
  if (count == 0 || tags.empty()) return tags;
  const auto heads = tags.begin() + static_cast<std::ptrdiff_t>(model.extractor_labels);
  std::vector<Tag> chosen(tags.begin(), heads);
  std::stable_sort(chosen.begin(), chosen.end(), [](const Tag& a, const Tag& b) { return a.value > b.value; });
  if (chosen.size() > count) chosen.resize(count);
  chosen.insert(chosen.end(), heads, tags.end());
  return chosen;
}

}  // namespace vivace::embed
