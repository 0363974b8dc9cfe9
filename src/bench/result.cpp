#include "bench/result.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files.hpp"
#include "bench/run_summary.hpp"
#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "vivace-bench";
constexpr int kSchemaVersion = 2;  // 1 has hashes in the environment, no cold_load_s, no begin_unix_s
constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr double kNanoseconds = 1e9;
constexpr double kLongestSeconds = 1e9;
constexpr double kLargestCount = 1e15;  // whole numbers up to here are exact in a double
constexpr double kLargestNumber = 1e300;

std::int64_t nanoseconds(double seconds) { return std::llround(seconds * kNanoseconds); }

Json to_object(const Environment& environment) {
  return {{"time", environment.time},
          {"host", environment.host},
          {"cpu", environment.cpu},
          {"instruction_sets", environment.instruction_sets},
          {"cores", environment.cores},
          {"governor", environment.governor},
          {"memory_bytes", environment.memory_bytes},
          {"kernel", environment.kernel},
          {"vivace_version", environment.vivace_version},
          {"git_revision", environment.git_revision},
          {"libraries", environment.libraries},
          {"command", environment.command}};
}

Json to_object(const LoadDescription& load) {
  return {{"kind", load.kind},       {"concurrency", load.concurrency},     {"rate_hz", load.rate_hz},
          {"streams", load.streams}, {"frame_rate_hz", load.frame_rate_hz}, {"latency_bound_s", load.latency_bound_s},
          {"seed", load.seed}};
}

/// One array a field: shorter than an object a sample by far.
Json to_columns(const std::vector<Sample>& samples) {
  Json intended = Json::array();
  Json sent = Json::array();
  Json done = Json::array();
  Json items = Json::array();
  Json stream = Json::array();
  Json failed = Json::array();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    intended.push_back(nanoseconds(sample.intended_s));
    sent.push_back(nanoseconds(sample.sent_s));
    done.push_back(nanoseconds(sample.done_s));
    items.push_back(sample.items);
    stream.push_back(sample.stream);
    if (sample.failed) failed.push_back(i);
  }
  return {{"intended_ns", std::move(intended)}, {"sent_ns", std::move(sent)},  {"done_ns", std::move(done)},
          {"items", std::move(items)},          {"stream", std::move(stream)}, {"failed", std::move(failed)}};
}

Json to_object(const TimeSummary& times) {
  Json percentiles = Json::object();
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    const std::optional<Estimate>& estimate = times.percentiles[i];
    if (!estimate) continue;
    percentiles[std::string(kShareNames[i])] = {
        {"value", estimate->value}, {"low", estimate->low}, {"high", estimate->high}};
  }
  return {{"count", times.count},
          {"mean", times.mean},
          {"least", times.least},
          {"most", times.most},
          {"percentiles", std::move(percentiles)}};
}

/// What the samples come to, for readers of the file; it is not read back.
Json to_object(const RunSummary& summary) {
  return {{"requests", summary.requests},
          {"failed", summary.failed},
          {"rate_hz", summary.rate_hz},
          {"items_per_s", summary.items_per_s},
          {"confidence", kConfidence},
          {"response_s", to_object(summary.response)},
          {"service_s", to_object(summary.service)},
          {"lag_s", to_object(summary.lag)}};
}

Json to_object(const Run& run) {
  return {{"name", run.name},
          {"target", run.target},
          {"settings", run.settings},
          {"model_sha256", run.model_sha256},
          {"input_sha256", run.input_sha256},
          {"load", to_object(run.load)},
          {"settings_before", run.settings_before},
          {"cold_load_s", run.cold_load_s},
          {"load_model_s", run.load_model_s},
          {"first_s", run.first_s},
          {"warm_up_s", run.warm_up_s},
          {"begin_unix_s", run.begin_unix_s},
          {"duration_s", run.duration_s},
          {"slice_ends_s", run.slice_ends_s},
          {"stage_s", run.stage_s},
          {"cpu_s", run.cpu_s},
          {"peak_resident_bytes", run.peak_resident_bytes},
          {"audio_s", run.audio_s},
          {"found", run.found},
          {"problems", run.problems},
          {"notes", run.notes},
          {"summary", to_object(summarize(run))},
          {"samples", to_columns(run.samples)}};
}

/// An object of the file and where in it that is, so that an error can say what is wrong.
class Reader {
 public:
  Reader(const Json& object, const std::string& origin, std::string place)
      : object_(object), origin_(origin), place_(std::move(place)) {
    if (!object_.is_object()) fail("", "is not an object");
  }

  const Json& at(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) fail(key, "is missing");
    return *found;
  }

  Reader object(const char* key) const { return {at(key), origin_, path(key)}; }

  std::string text(const char* key) const { return text(key, at(key)); }

  double number(const char* key, double most) const { return number(key, at(key), 0, most); }

  template <typename Whole>
  Whole count(const char* key) const {
    return whole<Whole>(key, at(key));
  }

  /// 0 where it is missing.
  template <typename Whole>
  Whole optional_count(const char* key) const {
    return object_.contains(key) ? count<Whole>(key) : Whole{0};
  }

  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> list;
    for (const Json& value : array(key)) list.push_back(text(key, value));
    return list;
  }

  std::map<std::string, std::string> text_map(const char* key) const {
    std::map<std::string, std::string> map;
    for (const auto& [name, value] : object(key).object_.items()) map.emplace(name, text(key, value));
    return map;
  }

  std::map<std::string, double> number_map(const char* key) const {
    std::map<std::string, double> map;
    for (const auto& [name, value] : object(key).object_.items())
      map.emplace(name, number(key, value, -kLargestNumber, kLargestNumber));
    return map;
  }

  std::vector<double> ascending_numbers(const char* key, double most) const {
    std::vector<double> list;
    for (const Json& value : array(key)) list.push_back(number(key, value, list.empty() ? 0 : list.back(), most));
    return list;
  }

  template <typename Whole>
  std::vector<Whole> counts(const char* key) const {
    std::vector<Whole> list;
    list.reserve(array(key).size());
    for (const Json& value : array(key)) list.push_back(whole<Whole>(key, value));
    return list;
  }

  std::vector<double> seconds_of_nanoseconds(const char* key) const {
    std::vector<double> list;
    list.reserve(array(key).size());
    for (const Json& value : array(key))
      list.push_back(number(key, value, 0, kLongestSeconds * kNanoseconds) / kNanoseconds);
    return list;
  }

  const Json& array(const char* key) const {
    const Json& list = at(key);
    if (!list.is_array()) fail(key, "is not an array");
    return list;
  }

  [[noreturn]] void fail(const char* key, const std::string& problem) const {
    throw Error(ErrorCode::corrupt_data, origin_,
                fmt::format("no result of vivace bench: '{}' {}", path(key), problem));
  }

 private:
  std::string path(const char* key) const { return place_.empty() || *key == '\0' ? place_ + key : place_ + "." + key; }

  std::string text(const char* key, const Json& value) const {
    if (!value.is_string()) fail(key, "is not a text");
    return value.get<std::string>();
  }

  double number(const char* key, const Json& value, double least, double most) const {
    if (!value.is_number()) fail(key, "is not a number");
    const double result = value.get<double>();
    if (!(result >= least && result <= most)) fail(key, fmt::format("is {}, out of range", value.dump()));
    return result;
  }

  template <typename Whole>
  Whole whole(const char* key, const Json& value) const {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<Whole>::max())
      fail(key, fmt::format("is {}, not a whole number in range", value.dump()));
    return value.get<Whole>();
  }

  const Json& object_;
  const std::string& origin_;
  std::string place_;
};

Environment environment_of(const Reader& reader) {
  Environment environment;
  environment.time = reader.text("time");
  environment.host = reader.text("host");
  environment.cpu = reader.text("cpu");
  environment.instruction_sets = reader.texts("instruction_sets");
  environment.cores = reader.count<std::size_t>("cores");
  environment.governor = reader.text("governor");
  environment.memory_bytes = reader.count<std::size_t>("memory_bytes");
  environment.kernel = reader.text("kernel");
  environment.vivace_version = reader.text("vivace_version");
  environment.git_revision = reader.text("git_revision");
  environment.libraries = reader.text_map("libraries");
  environment.command = reader.texts("command");
  return environment;
}

LoadDescription load_of(const Reader& reader) {
  LoadDescription load;
  load.kind = reader.text("kind");
  load.concurrency = reader.count<std::size_t>("concurrency");
  load.rate_hz = reader.number("rate_hz", kLargestCount);
  load.streams = reader.count<std::size_t>("streams");
  load.frame_rate_hz = reader.number("frame_rate_hz", kLargestCount);
  load.latency_bound_s = reader.number("latency_bound_s", kLongestSeconds);
  load.seed = reader.count<std::uint64_t>("seed");
  return load;
}

std::vector<Sample> samples_of(const Reader& reader) {
  const auto intended = reader.seconds_of_nanoseconds("intended_ns");
  const auto sent = reader.seconds_of_nanoseconds("sent_ns");
  const auto done = reader.seconds_of_nanoseconds("done_ns");
  const auto items = reader.counts<std::uint32_t>("items");
  const auto stream = reader.counts<std::uint32_t>("stream");
  const std::size_t count = intended.size();
  if (sent.size() != count || done.size() != count || items.size() != count || stream.size() != count)
    reader.fail("", "has arrays of different lengths");
  std::vector<Sample> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (sent[i] < intended[i] || done[i] < sent[i]) reader.fail("", fmt::format("[{}] goes back in time", i));
    samples[i] = {intended[i], sent[i], done[i], items[i], stream[i], false};
  }
  for (const auto index : reader.counts<std::size_t>("failed")) {
    if (index >= count) reader.fail("failed", fmt::format("names sample {} of {}", index, count));
    samples[index].failed = true;
  }
  return samples;
}

Run run_of(const Reader& reader) {
  Run run;
  run.name = reader.text("name");
  run.target = reader.text("target");
  run.settings = reader.text_map("settings");
  run.load = load_of(reader.object("load"));
  run.load_model_s = reader.number("load_model_s", kLongestSeconds);
  run.first_s = reader.number("first_s", kLongestSeconds);
  run.warm_up_s = reader.number("warm_up_s", kLongestSeconds);
  run.duration_s = reader.number("duration_s", kLongestSeconds);
  run.slice_ends_s = reader.ascending_numbers("slice_ends_s", run.duration_s);
  run.stage_s = reader.number_map("stage_s");
  run.cpu_s = reader.number("cpu_s", kLargestCount);
  run.peak_resident_bytes = reader.count<std::size_t>("peak_resident_bytes");
  run.audio_s = reader.number("audio_s", kLargestCount);
  run.found = reader.number_map("found");
  run.problems = reader.texts("problems");
  run.notes = reader.texts("notes");
  run.samples = samples_of(reader.object("samples"));
  return run;
}

Json parse(const std::string& text, const std::string& origin) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corrupt_data, origin, fmt::format("no result of vivace bench: not JSON: {}", error.what()));
  }
}

/// `holder` is the object that has them.
void read_hashes(Run& run, const Reader& holder) {
  run.model_sha256 = holder.text("model_sha256");
  run.input_sha256 = holder.text("input_sha256");
}

int checked_version(const Reader& reader, const std::string& origin) {
  if (reader.text("schema") != kSchema) reader.fail("schema", fmt::format("is not '{}'", kSchema));
  const int version = reader.count<int>("schema_version");
  if (version <= kSchemaVersion) return version;
  throw Error(
      ErrorCode::unsupported, origin,
      fmt::format("has schema version {}, this vivace reads up to {}; use a later one", version, kSchemaVersion));
}

}  // namespace

std::string to_json(const Result& result) {
  Json runs = Json::array();
  for (const Run& run : result.runs) runs.push_back(to_object(run));
  const Json json = {{"schema", kSchema},
                     {"schema_version", kSchemaVersion},
                     {"environment", to_object(result.environment)},
                     {"runs", std::move(runs)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

void write_json(const Result& result, const std::filesystem::path& path) {
  base::AtomicFile file(path);
  file.write(to_json(result));
  file.commit();
}

Result parse_json(const std::string& text, const std::string& origin) {
  const Json json = parse(text, origin);
  const Reader reader(json, origin, "");
  const bool is_first_version = checked_version(reader, origin) < 2;
  Result result;
  const Reader environment = reader.object("environment");
  result.environment = environment_of(environment);
  for (const Json& object : reader.array("runs")) {
    const Reader reader_of_run(object, origin, fmt::format("runs[{}]", result.runs.size()));
    Run& run = result.runs.emplace_back(run_of(reader_of_run));
    read_hashes(run, is_first_version ? environment : reader_of_run);
    if (is_first_version) continue;
    run.cold_load_s = reader_of_run.number("cold_load_s", kLongestSeconds);
    run.begin_unix_s = reader_of_run.number("begin_unix_s", kLargestCount);
    run.settings_before = reader_of_run.optional_count<std::size_t>("settings_before");
  }
  return result;
}

Result read_json(const std::filesystem::path& path) {
  return parse_json(base::read_file(path, kLargestFile), path.string());
}

}  // namespace vivace::bench
