#include "runtime/isolation/exchange.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/isolation/placed_tensors.hpp"

namespace vivace::runtime {
namespace {

using Clock = WorkerGroup::Clock;

constexpr std::size_t kLargestCopy = 65536;  // outputs up to here are copied, so that their region is free at once

/// Becomes readable when a stop is requested.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop)
      : event_(stop.stop_possible() ? ::eventfd(0, EFD_CLOEXEC) : -1), callback_(stop, Signal{event_.get()}) {
    if (stop.stop_possible() && !event_) {
      throw Error(ErrorCode::resource_exhausted, "isolation",
                  fmt::format("a run that can be stopped needs a descriptor: {}", std::strerror(errno)));
    }
  }
  int descriptor() const { return event_.get(); }

 private:
  struct Signal {
    int event;
    void operator()() const noexcept { ::eventfd_write(event, 1); }
  };

  Descriptor event_;
  std::stop_callback<Signal> callback_;
};

enum class Event { message, end, stop, timeout };

/// Waits for a message of the process or its end; where `stop` is a descriptor, for that too.
Event next_event(const WorkerProcess& process, int stop, std::optional<Clock::time_point> deadline) {
  std::array<pollfd, 3> events{
      {{process.control().descriptor(), POLLIN, 0}, {process.end_descriptor(), POLLIN, 0}, {stop, POLLIN, 0}}};
  while (true) {
    const int ready = ::poll(events.data(), events.size(), milliseconds_until(deadline));
    if (ready == 0) return Event::timeout;
    if (ready < 0) continue;
    if ((events[0].revents & POLLIN) != 0) return Event::message;
    if (events[0].revents != 0 || events[1].revents != 0) return Event::end;
    return Event::stop;
  }
}

Tensor copied(const Tensor& tensor) {
  if (tensor.type() == ElementType::string) return tensor;
  Tensor copy(tensor.type(), tensor.shape());
  if (!copy.bytes().empty()) std::memcpy(copy.mutable_bytes().data(), tensor.bytes().data(), tensor.bytes().size());
  return copy;
}

}  // namespace

std::optional<std::vector<Tensor>> Exchange::run(std::span<const NamedTensor> inputs,
                                                 std::span<const std::string> outputs, const std::stop_token& stop) {
  RunRequest run;
  Layout layout;
  for (const NamedTensor& input : inputs) run.inputs.push_back(layout.place(input.name, input.tensor));
  for (const std::string& output : outputs) run.outputs.push_back({.name = output});
  const RegionPool::Lease input = worker_->regions->take(layout.bytes());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    write_elements(inputs[i].tensor, run.inputs[i], input->memory.bytes());
  }
  output_ = worker_->regions->take(worker_->output_bytes);
  if (!tell(std::move(run), input, output_)) return std::nullopt;
  const Done done = answer(stop);
  std::vector<Tensor> tensors = taken(done, outputs);
  worker_.answered();
  return tensors;
}

bool Exchange::run(std::span<const InputTensor> inputs, std::span<const OutputTensor> outputs) {
  RunRequest run{.form = RunForm::floats};
  Layout input_layout;
  Layout output_layout;
  for (const InputTensor& input : inputs) {
    run.inputs.push_back(input_layout.place(input.name, input.shape, input.values.size()));
  }
  for (const OutputTensor& output : outputs) {
    run.outputs.push_back(output_layout.place(output.name, output.shape, output.values.size()));
  }
  const RegionPool::Lease input = worker_->regions->take(input_layout.bytes());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::span<std::byte> dst = bytes_at(run.inputs[i], input->memory.bytes());
    if (!dst.empty()) std::memcpy(dst.data(), inputs[i].values.data(), dst.size());
  }
  output_ = worker_->regions->take(output_layout.bytes());
  const std::vector<PlacedTensor> places = run.outputs;
  if (!tell(std::move(run), input, output_)) return false;
  answer({});
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::span<std::byte> src = bytes_at(places[i], output_->memory.bytes());
    if (!src.empty()) std::memcpy(outputs[i].values.data(), src.data(), src.size());
  }
  worker_.answered();
  return true;
}

std::optional<std::vector<ProviderNodes>> Exchange::nodes() {
  worker_.told();
  if (!worker_->process.control().send(encode(ToWorker(NodesRequest{})))) {
    worker_.end();
    return std::nullopt;
  }
  FromWorker message = next_answer({});
  NodeList* list = std::get_if<NodeList>(&message);
  if (list == nullptr) fail_nonsense("an answer to what was not asked");
  worker_.answered();
  return std::move(list->providers);
}

/// False where the worker has ended before.
bool Exchange::tell(RunRequest run, const RegionPool::Lease& input, const RegionPool::Lease& output) {
  run.id = ++worker_->last_run;
  run.shrinks = std::exchange(worker_->shrinks_now, false);
  run.forgotten = worker_->regions->take_freed();
  run.input_region = input->id;
  run.output_region = output->id;
  std::vector<int> descriptors;
  for (const RegionPool::Lease& region : {input, output}) {
    if (region->announced) continue;
    run.attached.push_back({region->id, region->memory.bytes().size()});
    descriptors.push_back(region->memory.descriptor());
  }
  const std::string message = encode(ToWorker(std::move(run)));
  worker_.told();
  if (!worker_->process.control().send(message, descriptors)) {
    worker_.end();
    return false;
  }
  for (const RegionPool::Lease& region : {input, output}) {
    region->announced = true;
    region->memory.close();
  }
  return true;
}

/// The last message of the worker about this run; asks for room are heard.
Done Exchange::answer(const std::stop_token& stop) {
  while (true) {
    FromWorker message = next_answer(stop);
    if (const NeedsRoom* needs = std::get_if<NeedsRoom>(&message)) {
      make_room(*needs);
      continue;
    }
    Done* done = std::get_if<Done>(&message);
    if (done == nullptr || done->id != worker_->last_run) fail_nonsense("an answer to what was not asked");
    worker_->memory = done->memory;
    return std::move(*done);
  }
}

/// A message that is no failure.
FromWorker Exchange::next_answer(const std::stop_token& stop) {
  FromWorker message = next_message(stop);
  const Failed* failed = std::get_if<Failed>(&message);
  if (failed == nullptr) return message;
  worker_.answered();
  if (failed->context.empty()) throw Error(failed->code, failed->message);
  throw Error(failed->code, failed->context, failed->message);
}

FromWorker Exchange::next_message(const std::stop_token& stop) {
  const StopEvent stopped(stop);
  while (true) {
    switch (next_event(worker_->process, kill_at_ ? -1 : stopped.descriptor(), kill_at_)) {
      case Event::end: fail_ended();
      case Event::timeout: fail_stopped();
      case Event::stop:
        worker_->process.stop_run(worker_->last_run);
        kill_at_ = Clock::now() + options_.stop_grace;
        break;
      case Event::message: return received();
    }
  }
}

/// The message that has come.
FromWorker Exchange::received() {
  try {
    const auto packet = worker_->process.control().receive_ready();
    if (packet) return decode_from_worker(packet->bytes);
  } catch (const Error& error) {
    fail_nonsense(error.message());
  }
  fail_ended();
}

void Exchange::make_room(const NeedsRoom& needs) {
  const bool is_first = !std::exchange(was_given_room_, true);
  if (!is_first || needs.id != worker_->last_run || needs.bytes <= output_->memory.bytes().size()) {
    fail_nonsense("a wish for room that makes no sense");
  }
  if (needs.bytes > options_.output_limit_bytes) fail_too_large(needs.bytes);
  output_ = worker_->regions->take(needs.bytes);
  Room room{output_->id, {}};
  std::vector<int> descriptors;
  if (!output_->announced) {
    room.attached.push_back({output_->id, output_->memory.bytes().size()});
    descriptors.push_back(output_->memory.descriptor());
  }
  if (!worker_->process.control().send(encode(ToWorker(std::move(room))), descriptors)) fail_ended();
  output_->announced = true;
  output_->memory.close();
}

/// The outputs of a run, large ones in the shared memory.
std::vector<Tensor> Exchange::taken(const Done& done, std::span<const std::string> names) {
  if (done.outputs.size() != names.size()) fail_nonsense("too few or too many outputs");
  std::vector<Tensor> tensors;
  tensors.reserve(names.size());
  std::size_t end = 0;
  try {
    for (const PlacedTensor& output : done.outputs) {
      tensors.push_back(tensor_at(output, output_->memory.bytes(), output_));
      end = std::max(end, output.offset + output.bytes);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::corrupt_data) fail_nonsense(error.message());
    throw;
  }
  worker_->output_bytes = end;
  if (end > kLargestCopy) return tensors;
  for (Tensor& tensor : tensors) tensor = copied(tensor);
  return tensors;
}

void Exchange::fail_ended() {
  throw Error(ErrorCode::unavailable, path_, fmt::format("the worker process that ran it {}", worker_.end()));
}

void Exchange::fail_nonsense(const std::string& problem) {
  worker_.end();
  throw Error(ErrorCode::unavailable, path_,
              fmt::format("the worker process that ran it gave {}, so it was ended; try again, another one is started",
                          problem));
}

void Exchange::fail_stopped() {
  worker_.replace();
  throw Error(ErrorCode::cancelled, path_,
              fmt::format("stopped while it ran; its worker process did not end the run within {} ms and was replaced",
                          options_.stop_grace.count()));
}

void Exchange::fail_too_large(std::uint64_t bytes) {
  worker_.replace();
  throw Error(ErrorCode::resource_exhausted, path_,
              fmt::format("its outputs take {} bytes, isolation.output_limit_bytes allows {}; its worker process was "
                          "replaced",
                          bytes, options_.output_limit_bytes));
}

}  // namespace vivace::runtime
