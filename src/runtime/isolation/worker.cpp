#include "runtime/isolation/worker.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/scheduling.hpp"
#include "runtime/graph_size.hpp"
#include "runtime/isolation/message.hpp"
#include "runtime/isolation/placed_tensors.hpp"
#include "runtime/isolation/shared_region.hpp"
#include "vivace/version.hpp"

namespace vivace::runtime {
namespace {

constexpr double kMegabyte = 1e6;

struct LevelMark {
  base::LogLevel level;
  std::string_view mark;
};
// As services mark the lines that they write for the system's log.
constexpr std::array<LevelMark, 3> kMarks{
    {{base::LogLevel::debug, "<7>"}, {base::LogLevel::info, "<6>"}, {base::LogLevel::warning, "<4>"}}};

/// Counts what is allocated, not files and memory that are shared.
void set_memory_limit(std::uint64_t bytes) {
  if (bytes == 0) return;
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_DATA, &limit) == 0) return;
  throw Error(ErrorCode::unavailable, "memory_limit_bytes", fmt::format("cannot be set: {}", std::strerror(errno)));
}

std::unique_ptr<Session> opened(const Load& load) {
  if (load.version != version()) {
    throw Error(ErrorCode::model_mismatch, "worker process",
                fmt::format("is of vivace {}, not {}", version(), load.version));
  }
  std::filesystem::current_path(load.folder);
  base::apply({.cores = load.cores, .nice = load.nice});
  set_memory_limit(load.memory_limit_bytes);
  try {
    return open_session(load.session);
  } catch (const Error& error) {
    if (load.memory_limit_bytes == 0 || error.code() != ErrorCode::resource_exhausted) throw;
    throw Error(error.code(), error.context(),
                fmt::format("{}; it takes about {:.1f} MB", error.message(),
                            static_cast<double>(estimated_bytes(load.session.graph)) / kMegabyte));
  }
}

/// Failures of any length fit into a message.
Failed failed(ErrorCode code, std::string context, std::string message) {
  context.resize(std::min(context.size(), kLargestMessage / 4));
  message.resize(std::min(message.size(), kLargestMessage / 4));
  return {code, std::move(context), std::move(message)};
}

/// What a lack of memory may be due to where the process has a limit (0: none).
std::string limit_note(std::uint64_t memory_limit_bytes) {
  if (memory_limit_bytes == 0) return "";
  return fmt::format("; isolation.memory_limit_bytes allows {:.1f} MB",
                     static_cast<double>(memory_limit_bytes) / kMegabyte);
}

/// The message that `answer` gives, or the one that says what it throws. `answer` may settle the limit.
template <typename Answer>
std::string encoded_or_failure(const std::uint64_t& memory_limit_bytes, Answer&& answer) {
  try {
    return encode(answer());
  } catch (const Error& error) {
    const bool lacks_memory = error.code() == ErrorCode::resource_exhausted;
    const std::string note = lacks_memory ? limit_note(memory_limit_bytes) : "";
    return encode(FromWorker(failed(error.code(), error.context(), error.message() + note)));
  } catch (const std::bad_alloc&) {
    return encode(FromWorker(failed(ErrorCode::resource_exhausted, "worker process",
                                    "there is not enough memory" + limit_note(memory_limit_bytes))));
  } catch (const std::exception& error) {
    return encode(FromWorker(failed(ErrorCode::internal, "worker process", error.what())));
  }
}

/// The run under way, which the lifeline can stop.
class CurrentRun {
 public:
  /// A token that is stopped where the run is, even if that was asked for before it began.
  std::stop_token begin(std::uint64_t run) {
    const std::scoped_lock lock(mutex_);
    run_ = run;
    source_ = {};
    if (stopped_ == run) source_.request_stop();
    return source_.get_token();
  }

  void stop(std::uint64_t run) {
    const std::scoped_lock lock(mutex_);
    stopped_ = run;
    if (run_ == run) source_.request_stop();
  }

 private:
  std::mutex mutex_;
  std::uint64_t run_ = 0;
  std::uint64_t stopped_ = 0;
  std::stop_source source_;
};

/// Stops runs as the lifeline says, and ends the process with it.
void watch_lifeline(const Channel& lifeline, CurrentRun& current, const std::stop_token& ending) {
  while (const auto packet = lifeline.receive()) {
    std::uint64_t run = 0;
    if (packet->bytes.size() != sizeof run) break;
    std::memcpy(&run, packet->bytes.data(), sizeof run);
    current.stop(run);
  }
  if (!ending.stop_requested()) ::_exit(0);
}

/// The regions that the caller has shown, by their numbers.
class KnownRegions {
 public:
  void attach(const std::vector<RegionHandle>& handles, std::vector<Descriptor>& files) {
    if (handles.size() != files.size()) {
      throw Error(ErrorCode::corrupt_data, "shared memory", "did not come with the message");
    }
    for (std::size_t i = 0; i < handles.size(); ++i) {
      regions_.insert_or_assign(handles[i].id, std::make_unique<SharedRegion>(files[i], handles[i].bytes));
    }
  }

  void forget(const std::vector<std::uint64_t>& ids) {
    for (const std::uint64_t id : ids) regions_.erase(id);
  }

  std::span<std::byte> operator[](std::uint64_t id) const {
    const auto found = regions_.find(id);
    if (found == regions_.end()) throw Error(ErrorCode::corrupt_data, "shared memory", "is not known by this number");
    return found->second->bytes();
  }

 private:
  std::map<std::uint64_t, std::unique_ptr<SharedRegion>> regions_;
};

class Server {
 public:
  Server(const Channel& control, const Session& session, CurrentRun& current, std::uint64_t memory_limit_bytes)
      : control_(control), session_(session), current_(current), memory_limit_bytes_(memory_limit_bytes) {}

  /// Answers messages until the other end is gone.
  void serve() {
    while (auto packet = control_.receive()) {
      if (!control_.send(encoded_or_failure(memory_limit_bytes_, [&] { return answered(*packet); }))) return;
    }
  }

 private:
  FromWorker answered(Channel::Packet& packet) {
    const ToWorker message = decode_to_worker(packet.bytes);
    if (std::holds_alternative<NodesRequest>(message)) return NodeList{session_.nodes()};
    const RunRequest* run = std::get_if<RunRequest>(&message);
    if (run == nullptr) throw Error(ErrorCode::corrupt_data, "message between processes", "is not a run");
    const std::stop_token stop = current_.begin(run->id);
    regions_.forget(run->forgotten);
    regions_.attach(run->attached, packet.descriptors);
    if (run->shrinks) session_.shrink_after_next_run();
    Done done{run->id};
    if (run->form == RunForm::tensors) {
      done.outputs = run_tensors(*run, stop);
    } else {
      run_floats(*run);
    }
    done.memory = session_.memory();
    return done;
  }

  /// Where the outputs are.
  std::vector<PlacedTensor> run_tensors(const RunRequest& run, const std::stop_token& stop) {
    std::vector<NamedTensor> inputs;
    for (const PlacedTensor& input : run.inputs) {
      inputs.push_back({input.name, tensor_at(input, regions_[run.input_region], nullptr)});
    }
    std::vector<std::string> names;
    names.reserve(run.outputs.size());
    for (const PlacedTensor& output : run.outputs) names.push_back(output.name);
    const std::vector<Tensor> outputs = session_.run(inputs, names, stop);

    std::vector<PlacedTensor> places;
    Layout layout;
    for (std::size_t i = 0; i < outputs.size(); ++i) places.push_back(layout.place(names[i], outputs[i]));
    const std::span<std::byte> region = room_for(layout.bytes(), run);
    for (std::size_t i = 0; i < outputs.size(); ++i) write_elements(outputs[i], places[i], region);
    return places;
  }

  /// The output region where it is large enough, else one that the caller is asked for.
  std::span<std::byte> room_for(std::uint64_t bytes, const RunRequest& run) {
    const std::span<std::byte> region = regions_[run.output_region];
    if (bytes <= region.size()) return region;
    if (!control_.send(encode(FromWorker(NeedsRoom{run.id, bytes})))) ::_exit(0);
    auto packet = control_.receive();
    if (!packet) ::_exit(0);
    const ToWorker message = decode_to_worker(packet->bytes);
    const Room* room = std::get_if<Room>(&message);
    if (room == nullptr) throw Error(ErrorCode::corrupt_data, "message between processes", "is not room for outputs");
    regions_.attach(room->attached, packet->descriptors);
    return regions_[room->region];
  }

  void run_floats(const RunRequest& run) {
    std::vector<InputTensor> inputs;
    for (const PlacedTensor& input : run.inputs) {
      inputs.push_back({input.name.c_str(), floats_at(input, run.input_region), input.shape});
    }
    std::vector<OutputTensor> outputs;
    for (const PlacedTensor& output : run.outputs) {
      outputs.push_back({output.name.c_str(), floats_at(output, run.output_region), output.shape});
    }
    session_.run(inputs, outputs);
  }

  std::span<float> floats_at(const PlacedTensor& place, std::uint64_t region) const {
    const std::span<std::byte> bytes = bytes_at(place, regions_[region]);
    return {reinterpret_cast<float*>(bytes.data()), bytes.size() / sizeof(float)};
  }

  const Channel& control_;
  const Session& session_;
  CurrentRun& current_;
  const std::uint64_t memory_limit_bytes_;
  KnownRegions regions_;
};

}  // namespace

std::string marked_line(base::LogLevel level, const std::string& message) {
  const auto found =
      std::find_if(kMarks.begin(), kMarks.end(), [level](const LevelMark& mark) { return mark.level == level; });
  std::string line = std::string(found->mark) + message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line + '\n';
}

std::optional<base::LogLevel> marked_level(std::string_view line) {
  for (const LevelMark& mark : kMarks) {
    if (line.starts_with(mark.mark)) return mark.level;
  }
  return std::nullopt;
}

void serve_session(const Channel& control, const Channel& lifeline) {
  const auto first = control.receive();
  if (!first) return;
  std::unique_ptr<Session> session;
  std::uint64_t memory_limit_bytes = 0;
  const std::string answer = encoded_or_failure(memory_limit_bytes, [&]() -> FromWorker {
    const ToWorker message = decode_to_worker(first->bytes);
    const Load* load = std::get_if<Load>(&message);
    if (load == nullptr) throw Error(ErrorCode::corrupt_data, "message between processes", "names no model");
    memory_limit_bytes = load->memory_limit_bytes;
    session = opened(*load);
    return Loaded{session->inputs(), session->outputs(), session->placement()};
  });
  if (!control.send(answer) || !session) return;

  CurrentRun current;
  std::jthread watcher([&](const std::stop_token& ending) { watch_lifeline(lifeline, current, ending); });
  Server(control, *session, current, memory_limit_bytes).serve();
  watcher.request_stop();
  lifeline.interrupt();
}

}  // namespace vivace::runtime
