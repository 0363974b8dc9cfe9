// A result is refused with an Error, or it can be written, compared and reported. What was written reads back the same,
// once times are whole nanoseconds.

#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/compare.hpp"
#include "bench/report.hpp"
#include "bench/result.hpp"
#include "vivace/error.hpp"

using namespace vivace;

namespace {

bench::CompareOptions few_metrics() {
  bench::CompareOptions options;
  options.metrics = {bench::metric_named("p50"), bench::metric_named("rate")};
  options.allow_invalid = true;
  return options;
}

std::string rewritten(const std::string& text) { return bench::to_json(bench::parse_json(text, "fuzz")); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const bench::NamedResult result{"fuzz", bench::parse_json({reinterpret_cast<const char*>(data), size}, "fuzz")};
    const std::string written = rewritten(bench::to_json(result.result));
    if (rewritten(written) != written) __builtin_trap();
    bench::to_html({result}, {});
    bench::compare(result, {result}, few_metrics());
    bench::compare_in_turn(result, few_metrics());
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
