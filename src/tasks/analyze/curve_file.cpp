#include "tasks/analyze/curve_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "records/npz_file.hpp"
#include "records/sink.hpp"
#include "vivace/error.hpp"

namespace vivace::analyze {
namespace {

std::uint64_t frames_of(const Curve& curve) { return curve.values.size() / curve.columns; }

void write_arrays(const std::filesystem::path& path, std::span<const Curve> curves) {
  records::NpzFile file(path);
  for (const Curve& curve : curves) {
    std::vector<std::uint64_t> shape = {frames_of(curve)};
    if (curve.columns > 1) shape.push_back(curve.columns);
    file.add(curve.name, shape, curve.values);
    file.add(curve.name + ".start_s", curve.start_s);
    file.add(curve.name + ".step_s", 1 / curve.rate_hz);
  }
  file.finish();
}

records::Schema table_schema() {
  using records::FieldType;
  return {{"curve", FieldType::text, 0, "", "the curve's name"},
          {"time_s", FieldType::number, 0, "s", "the time of the frame"},
          {"column", FieldType::integer, 0, "", "which number of the frame, from 0"},
          {"value", FieldType::number, 0, "", "the number, in the unit of the curve's name"}};
}

void write_rows(records::Sink& sink, const Curve& curve) {
  for (std::size_t i = 0; i < curve.values.size(); ++i) {
    const double time = curve.start_s + static_cast<double>(i / curve.columns) / curve.rate_hz;
    const float number = curve.values[i];
    const records::Value value = std::isfinite(number) ? records::Value(double{number}) : records::Value();
    sink.write({curve.name, time, static_cast<std::int64_t>(i % curve.columns), value});
  }
}

void write_table(const std::filesystem::path& path, const std::string& format, std::span<const Curve> curves) {
  const auto sink = records::open_sink(format, {path, table_schema(), {}, {}});
  for (const Curve& curve : curves) write_rows(*sink, curve);
  sink->finish();
}

}  // namespace

const std::vector<std::string>& curve_formats() {
  static const std::vector<std::string> formats = {"npz", "csv", "jsonl", "parquet"};
  return formats;
}

void write_curves(const std::filesystem::path& path, const std::string& format, std::span<const Curve> curves) {
  if (std::ranges::find(curve_formats(), format) == curve_formats().end()) {
    throw Error(ErrorCode::invalid_argument, path.string(),
                fmt::format("curves are written as one of: {}", fmt::join(curve_formats(), ", ")));
  }
  format == "npz" ? write_arrays(path, curves) : write_table(path, format, curves);
}

}  // namespace vivace::analyze
