#include "jobs/shard.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "vivace/error.hpp"

namespace vivace::jobs {
namespace {

constexpr const char* kOption = "--shard";
constexpr std::uint32_t kNone = 0xFFFFFFFF;

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::nullopt : number_of(text);
}

std::uint32_t index_from_environment() {
  if (const auto index = variable("JOB_COMPLETION_INDEX")) return *index;
  const auto task = variable("SLURM_ARRAY_TASK_ID");
  if (!task) {
    throw Error(ErrorCode::invalid_argument, kOption,
                "'auto' needs JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID, which are not set; give I/N");
  }
  const std::uint32_t first = variable("SLURM_ARRAY_TASK_MIN").value_or(0);
  const std::uint32_t step = variable("SLURM_ARRAY_TASK_STEP").value_or(1);
  return *task < first || step == 0 ? *task : (*task - first) / step;
}

std::uint32_t count_from_environment() {
  if (!variable("JOB_COMPLETION_INDEX")) {
    if (const auto count = variable("SLURM_ARRAY_TASK_COUNT")) return *count;
  }
  throw Error(ErrorCode::invalid_argument, kOption,
              "the environment does not say how many parts there are; give auto/N");
}

}  // namespace

bool Shard::holds(std::string_view name) const {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a, 64 bit
  for (const unsigned char c : name) hash = (hash ^ c) * 0x100000001B3U;
  hash ^= hash >> 32U;  // its low bits alone are weak
  return hash % count == index;
}

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const bool has_count = slash != std::string::npos;
  const bool is_auto = text.substr(0, slash) == "auto";
  if (is_auto || has_count) {
    const std::uint32_t index = is_auto ? index_from_environment() : number_of(text.substr(0, slash)).value_or(kNone);
    const std::uint32_t count = has_count ? number_of(text.substr(slash + 1)).value_or(0) : count_from_environment();
    if (index < count) return {index, count};
  }
  throw Error(ErrorCode::invalid_argument, kOption,
              fmt::format("'{}' is no part; give I/N with I from 0 to N - 1, auto/N or auto", text));
}

}  // namespace vivace::jobs
