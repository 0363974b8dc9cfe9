#include "runtime/trace.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/files.hpp"
#include "vivace/error.hpp"

namespace vivace::runtime {
namespace {

constexpr std::size_t kMostEvents = 1'000'000;
constexpr std::size_t kLargestProfile = std::size_t{1} << 30;

double microseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

using nlohmann::json;

/// A file of events, written one by one, as there may be millions.
class TraceFile {
 public:
  explicit TraceFile(const std::filesystem::path& path) : file_(path) {
    file_.write("{\"displayTimeUnit\": \"ms\", \"traceEvents\": [");
  }

  void add(const json& event) {
    file_.write(std::exchange(separator_, ",\n"));
    file_.write(event.dump(-1, ' ', false, json::error_handler_t::replace));
  }

  void end(std::size_t left_out) {
    file_.write(fmt::format("], \"otherData\": {{\"left_out\": {}}}}}\n", left_out));
    file_.commit();
  }

 private:
  base::AtomicFile file_;
  const char* separator_ = "\n";
};

/// Where a time of the system's clock lies on the steady one. Both are read some times, and those readings count that
/// lie closest together, as a thread may have to wait between them.
Trace::Clock::time_point on_steady_clock(std::chrono::system_clock::time_point time) {
  constexpr int kReadings = 16;
  auto closest = Trace::Clock::duration::max();
  Trace::Clock::time_point found;
  for (int i = 0; i < kReadings; ++i) {
    const auto before = Trace::Clock::now();
    const auto system = std::chrono::system_clock::now();
    const auto apart = Trace::Clock::now() - before;
    if (apart >= closest) continue;
    closest = apart;
    found = before + apart / 2 - (system - time);
  }
  return found;
}

/// From when to when something went, in microseconds.
struct Stretch {
  double begin;
  double end;
};

/// Runs of the model by their threads, in the order of time; those of a thread do not overlap.
using Runs = std::map<std::int64_t, std::vector<Stretch>>;

double overlap(const Stretch& a, const Stretch& b) { return std::min(a.end, b.end) - std::max(a.begin, b.begin); }

/// The run that most of a stretch lies in; null where it touches none.
const Stretch* run_around(const Stretch& stretch, const std::vector<Stretch>& runs) {
  auto run = std::lower_bound(runs.begin(), runs.end(), stretch.begin,
                              [](const Stretch& earlier, double begin) { return earlier.end < begin; });
  const Stretch* found = nullptr;
  for (; run != runs.end() && run->begin <= stretch.end; ++run) {
    if (found == nullptr || overlap(stretch, *run) > overlap(stretch, *found)) found = &*run;
  }
  return found;
}

/// Cuts an event to the run that it belongs to. Backends give whole microseconds and leave out the rest, so that an
/// event seems to begin up to one before it did.
void fit_into_run(json& event, const Runs& runs) {
  constexpr double kLeftOutUs = 1;
  if (event.value("ph", "") != "X" || !event.contains("tid") || !event["tid"].is_number_integer()) return;
  const auto of_thread = runs.find(event["tid"].get<std::int64_t>());
  if (of_thread == runs.end()) return;
  const double begin = event.at("ts");
  const double end = begin + event.value("dur", 0.0);
  const Stretch* run = run_around({begin, end + kLeftOutUs}, of_thread->second);
  if (run == nullptr) return;
  const double cut_begin = std::max(begin, run->begin);
  event["ts"] = cut_begin;
  event["dur"] = std::max(std::min(end, run->end) - cut_begin, 0.0);
}

/// Adds the events of a backend, with times moved by `shift_us`.
void add_backend_events(const std::filesystem::path& path, double shift_us, const Runs& runs, TraceFile& trace) {
  const std::string text = base::read_file(path, kLargestProfile);
  const int depth_of_events = text.starts_with('[') ? 1 : 2;  // a list of events, or an object with one
  const auto take_event = [&](int depth, json::parse_event_t what, json& event) {
    if (what != json::parse_event_t::object_end || depth != depth_of_events) return true;
    if (event.contains("ts")) {
      event["ts"] = event["ts"].get<double>() + shift_us;
      fit_into_run(event, runs);
    }
    trace.add(event);
    return false;
  };
  try {
    const json rest = json::parse(text, take_event);
    if (!rest.is_array() && !rest.contains("traceEvents")) {
      throw Error(ErrorCode::corrupt_data, path.string(), "is not a trace: it has no events");
    }
  } catch (const json::exception& error) {
    throw Error(ErrorCode::corrupt_data, path.string(), std::string("is not a trace: ") + error.what());
  }
}

/// What all events of a stage have.
json stage_event(const char* name, double begin_us, std::size_t rows) {
  return {{"name", name}, {"cat", "vivace"}, {"ts", begin_us}, {"pid", ::getpid()}, {"args", {{"rows", rows}}}};
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
  Clock::time_point zero = events_.empty() ? Clock::now() : events_.front().begin;
  for (const Event& event : events_) zero = std::min(zero, event.begin);
  TraceFile file(path);
  if (backend != nullptr) {
    Runs runs;
    for (const Event& event : events_) {
      if (event.name != kTraceRun) continue;
      runs[event.thread].push_back({microseconds(event.begin - zero), microseconds(event.end - zero)});
    }
    for (auto& [thread, stretches] : runs) {
      std::ranges::sort(stretches, {}, &Stretch::begin);
    }
    add_backend_events(backend->file, microseconds(on_steady_clock(backend->start) - zero), runs, file);
  }
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    json entry = stage_event(event.name, microseconds(event.begin - zero), event.rows);
    if (event.thread != 0) {
      entry.update({{"ph", "X"}, {"tid", event.thread}, {"dur", microseconds(event.end - event.begin)}});
      file.add(entry);
      continue;
    }
    // What takes no thread may overlap, so it is a pair of events with a number of its own.
    entry.update({{"ph", "b"}, {"id", i}, {"tid", 0}});
    file.add(entry);
    entry.update({{"ph", "e"}, {"ts", microseconds(event.end - zero)}});
    file.add(entry);
  }
  file.end(left_out_);
}

}  // namespace vivace::runtime
