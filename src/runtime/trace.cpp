#include "runtime/trace.hpp"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kMostEvents = 1'000'000;
constexpr std::size_t kLargestProfile = std::size_t{1} << 30;

double microseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

/// The events of a backend, with times moved by `shift_us`.
nlohmann::json backend_events(const std::filesystem::path& file, double shift_us) {
  try {
    auto events = nlohmann::json::parse(base::read_file(file, kLargestProfile));
    if (events.is_object()) events = events.at("traceEvents");
    for (nlohmann::json& event : events) {
      if (event.contains("ts")) event["ts"] = event.at("ts").get<double>() + shift_us;
    }
    return events;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::corrupt_data, file.string(), std::string("is not a trace: ") + error.what());
  }
}

}  // namespace

void Trace::add(const char* name, Clock::time_point begin, Clock::time_point end, std::size_t rows) {
  keep({name, begin, end, rows, ::gettid()});
}

void Trace::add_waiting(const char* name, Clock::time_point begin, Clock::time_point end, std::size_t rows) {
  keep({name, begin, end, rows, 0});
}

void Trace::keep(const Event& event) {
  const std::scoped_lock lock(mutex_);
  if (events_.size() == kMostEvents) {
    ++left_out_;
    return;
  }
  events_.push_back(event);
}

void Trace::write(const std::filesystem::path& path, const BackendProfile* backend) const {
  const std::scoped_lock lock(mutex_);
  // Times count from where the backend's begin, or from the first event.
  const auto steady_now = Clock::now();
  const auto system_now = std::chrono::system_clock::now();
  Clock::time_point zero = events_.empty() ? steady_now : events_.front().begin;
  for (const Event& event : events_) zero = std::min(zero, event.begin);
  nlohmann::json events = nlohmann::json::array();
  if (backend != nullptr) {
    const Clock::time_point start = steady_now - (system_now - backend->start);
    events = backend_events(backend->file, microseconds(start - zero));
  }
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    nlohmann::json entry = {{"name", event.name},
                            {"cat", "vivace"},
                            {"ts", microseconds(event.begin - zero)},
                            {"pid", ::getpid()},
                            {"args", {{"rows", event.rows}}}};
    if (event.thread != 0) {
      entry.update({{"ph", "X"}, {"tid", event.thread}, {"dur", microseconds(event.end - event.begin)}});
      events.push_back(std::move(entry));
      continue;
    }
    // What takes no thread may overlap, so it is a pair of events with a number of its own.
    entry.update({{"ph", "b"}, {"id", i}, {"tid", 0}});
    events.push_back(entry);
    entry.update({{"ph", "e"}, {"ts", microseconds(event.end - zero)}});
    events.push_back(std::move(entry));
  }
  const nlohmann::json trace = {
      {"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}, {"otherData", {{"left_out", left_out_}}}};
  base::AtomicFile file(path);
  file.write(trace.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  file.commit();
}

}  // namespace vivace::runtime
