#include "vivace/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "base/machine.hpp"
#include "base/pool.hpp"
#include "base/scheduling.hpp"
#include "base/thread_budget.hpp"
#include "runtime/batch_runner.hpp"
#include "runtime/engine_metrics.hpp"
#include "runtime/graph_size.hpp"
#include "runtime/input_contract.hpp"
#include "runtime/isolation/isolated_session.hpp"
#include "runtime/outlier_watch.hpp"
#include "runtime/placement.hpp"
#include "runtime/request_queue.hpp"
#include "runtime/session.hpp"
#include "runtime/shared_session.hpp"
#include "runtime/thread_plan.hpp"
#include "runtime/trace.hpp"

namespace vivace {
namespace {

using Clock = RequestOptions::Clock;
using runtime::Request;
using runtime::RequestPointer;

constexpr std::size_t kMostRows = 65536;
constexpr std::size_t kLargestQueue = 1'000'000;
constexpr std::chrono::hours kLongestDelay{1};

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

const EngineOptions& checked(const EngineOptions& options) {
  const auto require = [](bool holds, const char* name, auto value, auto most) {
    if (holds) return;
    throw Error(ErrorCode::invalid_argument, name, fmt::format("is {}; it must be 1 to {}", value, most));
  };
  require(options.max_batch >= 1 && options.max_batch <= kMostRows, "max_batch", options.max_batch, kMostRows);
  require(options.queue_capacity >= 1 && options.queue_capacity <= kLargestQueue, "queue_capacity",
          options.queue_capacity, kLargestQueue);
  for (const std::size_t rows : options.preferred_batches) {
    require(rows >= 1 && rows <= options.max_batch, "preferred_batches", rows, options.max_batch);
  }
  if (options.max_delay.count() < 0 || options.max_delay > kLongestDelay) {
    throw Error(ErrorCode::invalid_argument, "max_delay",
                fmt::format("is {} us; it must be 0 to 1 hour", options.max_delay.count()));
  }
  return options;
}

/// Throws where a request has nothing to run for any more.
void require_wanted(const Request& request, Clock::time_point now) {
  const bool stopped = request.stop.stop_requested();
  if (!stopped && (!request.deadline || *request.deadline > now)) return;
  throw Error(ErrorCode::cancelled, stopped ? "stopped before it ran" : "its deadline passed before it ran");
}

double total_s(const RequestMetrics& metrics) {
  return metrics.queue_s + metrics.prepare_s + metrics.infer_s + metrics.copy_out_s;
}

/// Where a caller waits for the answer to its request.
class Answer {
 public:
  void set(std::optional<Error> error) {
    const std::scoped_lock lock(mutex_);
    error_ = std::move(error);
    there_ = true;
    changed_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return there_; });
    if (error_) throw *error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Error> error_;
  bool there_ = false;
};

}  // namespace

const Tensor& Prediction::output(std::string_view name) const {
  const auto found =
      std::find_if(outputs.begin(), outputs.end(), [&](const auto& output) { return output.name == name; });
  if (found != outputs.end()) return found->tensor;
  throw Error(ErrorCode::invalid_argument, fmt::format("output '{}'", name), "is not among those that were computed");
}

namespace {

TuneGoal goal_of(const ThreadOptions& threads) {
  return threads.plan == ThreadPlan::latency ? TuneGoal::latency : TuneGoal::throughput;
}

/// The threads as asked for; as tuned where all is left open.
ThreadOptions settled_threads(const EngineOptions& options) {
  ThreadOptions threads = options.threads;
  if (threads.workers > 0 || threads.intra_op > 0) return threads;
  if (const auto tuned = runtime::tuned_setting(options.model, options.placement, goal_of(threads))) {
    threads.workers = tuned->workers;
    threads.intra_op = tuned->intra_op;
  }
  return threads;
}

}  // namespace

class Engine::Implementation {
 public:
  explicit Implementation(const EngineOptions& options)
      : options_(checked(options)),
        threads_(runtime::allot(settled_threads(options_), base::ThreadBudget::of_process())),
        session_(timed_load()),
        contract_(*session_, options_),
        runner_(*session_, contract_),
        queue_({options.queue_capacity, options.when_full, contract_.max_rows(), options.max_delay, options.window,
                options.preferred_batches}) {
    start();
  }

  ~Implementation() {
    ending_ = true;
    queue_.close();
    workers_.clear();
    if (trace_ != nullptr) write_trace();
  }

  const runtime::InputContract& contract() const { return contract_; }
  const std::string& placement() const { return session_->placement(); }

  void predict(const Inputs& inputs, Prediction& prediction, const RequestOptions& options, bool in_place) {
    RequestPointer request = new_request();
    admit(inputs, options, *request);
    request->prediction = &prediction;
    request->in_place = in_place;
    if (contract_.merges()) {
      Answer answer;
      request->done = [&answer](std::optional<Error> error) { answer.set(std::move(error)); };
      enter(std::move(request));
      answer.wait();
      return;
    }
    std::unique_ptr<Run> run = runs_.take([] { return std::make_unique<Run>(); });
    run->requests.clear();
    run->requests.push_back(std::move(request));
    counting_failures([&] {
      answer(*run);
      require_finite(*run->requests.front());
    });
    metrics_.count_prediction(prediction.metrics, total_s(prediction.metrics));
    requests_.give_back(std::move(run->requests.front()));
    runs_.give_back(std::move(run));
  }

  void submit(Inputs inputs, const RequestOptions& options, Callback callback) {
    RequestPointer request = new_request();
    request->owned_inputs = std::move(inputs);
    admit(request->owned_inputs, options, *request);
    request->owned_prediction = {};
    request->prediction = &request->owned_prediction;
    request->in_place = false;
    request->done = [callback = std::move(callback), waiting = request.get()](std::optional<Error> error) {
      callback(error ? Prediction{} : std::move(waiting->owned_prediction), std::move(error));
    };
    enter(std::move(request));
  }

  EngineMetrics metrics() const {
    EngineMetrics metrics = metrics_.snapshot();
    metrics.waiting = queue_.size();
    metrics.load_s = load_s_;
    metrics.up_s = seconds_between(loaded_, Clock::now());
    metrics.rows_per_s = metrics.up_s > 0 ? static_cast<double>(metrics.rows) / metrics.up_s : 0;
    metrics.resident_bytes = base::resident_bytes();
    const runtime::BackendMemory memory = session_->memory();
    metrics.backend_allocations = memory.allocations;
    metrics.backend_bytes = memory.bytes_in_use;
    metrics.backend_most_bytes = memory.most_bytes_in_use;
    if (isolated_ != nullptr) {
      metrics.worker_processes = isolated_->process_ids().size();
      metrics.worker_restarts = isolated_->restarts();
    }
    return metrics;
  }

 private:
  /// Requests that share a run, with the memory that it needs.
  struct Run {
    std::vector<RequestPointer> requests{};
    runtime::RunWorkspace workspace{};
  };

  /// Starts the workers. Where the system gives fewer threads, those that run are ended again, so that they can be
  /// joined.
  void start() {
    try {
      while (workers_.size() < threads_.workers) {
        workers_.emplace_back([this, own = threads_.of_worker(workers_.size())] {
          base::apply(own);
          work();
        });
      }
    } catch (const std::system_error& error) {
      queue_.close();
      throw Error(ErrorCode::resource_exhausted, "workers",
                  fmt::format("only {} of {} threads could be started: {}; use fewer", workers_.size(),
                              threads_.workers, error.what()));
    }
  }

  /// Loads the model on a thread of its own, from which those of the session inherit their scheduling.
  std::shared_ptr<runtime::Session> timed_load() {
    const Clock::time_point start = Clock::now();
    if (options_.isolation.mode == Isolation::none) {
      require_room(runtime::estimated_bytes(options_.model), "needs about", "to load");
    }
    const std::size_t resident = base::resident_bytes();
    runtime::SessionOptions wanted;
    wanted.graph = options_.model;
    wanted.placement = options_.placement;
    wanted.intra_op_threads = static_cast<int>(threads_.intra_op);
    wanted.spin = options_.threads.spin;
    wanted.goal = goal_of(options_.threads);
    if (trace_ != nullptr) wanted.profile = options_.trace.string() + ".backend";
    auto session = std::async(std::launch::async, [&] {
                     base::apply(threads_.scheduling);
                     return opened(wanted);
                   }).get();
    const std::size_t now = base::resident_bytes();
    require_room(now > resident ? now - resident : 0, "took", "when it was loaded");
    loaded_ = Clock::now();
    load_s_ = seconds_between(start, loaded_);
    return session;
  }

  void require_room(std::size_t bytes, const char* verb, const char* when) const {
    if (options_.memory_limit_bytes == 0 || bytes <= options_.memory_limit_bytes) return;
    constexpr double kMegabyte = 1e6;
    throw Error(ErrorCode::resource_exhausted, options_.model.string(),
                fmt::format("{} {:.1f} MB {}, memory_limit_bytes allows {:.1f} MB", verb,
                            static_cast<double>(bytes) / kMegabyte, when,
                            static_cast<double>(options_.memory_limit_bytes) / kMegabyte));
  }

  std::shared_ptr<runtime::Session> opened(const runtime::SessionOptions& wanted) {
    if (options_.isolation.mode == Isolation::none) {
      const bool has_threads_of_its_own = threads_.intra_op > 1 && threads_.scheduling != base::Scheduling();
      return has_threads_of_its_own ? runtime::open_session(wanted) : runtime::open_shared_session(wanted);
    }
    auto session = std::make_shared<runtime::IsolatedSession>(wanted, options_.isolation);
    isolated_ = session.get();
    return session;
  }

  RequestPointer new_request() {
    RequestPointer request = requests_.take([] { return std::make_unique<Request>(); });
    request->came = Clock::now();
    return request;
  }

  /// Runs `action`; a failure is counted and passed on.
  template <typename Action>
  void counting_failures(Action&& action) {
    try {
      action();
    } catch (const Error& error) {
      metrics_.count_failure(error.code());
      throw;
    }
  }

  void admit(const Inputs& inputs, const RequestOptions& options, Request& request) {
    counting_failures([&] { contract_.admit(inputs, options, request); });
  }

  /// Hands a request to the workers. Throws where the queue does not take it.
  void enter(RequestPointer request) {
    RequestPointer dropped;
    counting_failures([&] { dropped = queue_.push(request); });
    if (dropped == nullptr) return;
    finish(std::move(dropped),
           Error(ErrorCode::resource_exhausted, "dropped: the queue was full and later requests came"));
  }

  void work() {
    Run run;
    while (true) {
      queue_.pop(run.requests);
      if (run.requests.empty()) return;
      serve(run);
    }
  }

  /// Answers requests that share a run. Where it fails, each is tried alone, so that none suffers from another; but not
  /// where a worker process ended, as that may end the next too.
  void serve(Run& run) {
    std::optional<Error> failure;
    try {
      answer(run);
    } catch (const Error& error) {
      const bool may_repeat = !ending_ && error.code() != ErrorCode::unavailable;
      if (run.requests.size() > 1 && may_repeat) return serve_each(run);
      failure = error;
    } catch (const std::exception& error) {
      failure = Error(ErrorCode::internal, error.what());
    }
    for (RequestPointer& request : run.requests) {
      try {
        if (!failure) require_finite(*request);
        finish(std::move(request), failure);
      } catch (const Error& error) {
        finish(std::move(request), error);
      }
    }
  }

  void serve_each(Run& run) {
    std::vector<RequestPointer> requests;
    requests.swap(run.requests);
    for (RequestPointer& request : requests) {
      run.requests.clear();
      run.requests.push_back(std::move(request));
      serve(run);
    }
  }

  /// Tells the caller, and keeps the object for another request.
  void finish(RequestPointer request, std::optional<Error> error) {
    if (error) {
      metrics_.count_failure(error->code());
    } else {
      metrics_.count_prediction(request->prediction->metrics, total_s(request->prediction->metrics));
    }
    request->done(std::move(error));
    request->done = nullptr;
    request->owned_inputs.clear();
    request->stop = {};
    requests_.give_back(std::move(request));
  }

  /// Runs requests of one key together and fills in their predictions.
  void answer(Run& run) {
    const Clock::time_point begin = Clock::now();
    if (ending_) throw Error(ErrorCode::cancelled, "the engine has ended");
    if (run.requests.size() == 1) {
      const Request& request = *run.requests.front();
      require_wanted(request, begin);
      if (isolated_ != nullptr) isolated_->wait_for_worker(request.stop, request.deadline);
    }
    const runtime::RunSeconds seconds = runner_.run(run.requests, run.workspace);
    std::size_t batch = 0;
    for (const RequestPointer& request : run.requests) batch += request->rows;
    for (const RequestPointer& request : run.requests) {
      request->prediction->metrics = {seconds_between(request->came, begin),
                                      seconds.prepare,
                                      seconds.infer,
                                      seconds.copy_out,
                                      request->rows,
                                      batch};
    }
    metrics_.count_run(batch, seconds.infer);
    if (trace_ != nullptr) trace(run, begin, seconds, batch);
    if (memory_.is_time_to_shrink(bytes_of(run.requests))) session_->shrink_after_next_run();
    queue_.learn(batch, seconds.prepare + seconds.infer + seconds.copy_out);
  }

  void trace(const Run& run, Clock::time_point begin, const runtime::RunSeconds& seconds, std::size_t batch) {
    for (const RequestPointer& request : run.requests) {
      trace_->add_waiting("queue", request->came, begin, request->rows);
    }
    for (const auto& [stage, length] : {std::pair("prepare", seconds.prepare), std::pair("infer", seconds.infer),
                                        std::pair("copy out", seconds.copy_out)}) {
      const auto end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(length));
      trace_->add(stage, begin, end, batch);
      begin = end;
    }
  }

  /// With what the backend wrote, whose own file is then removed.
  void write_trace() noexcept {
    try {
      const auto profile = session_->end_profile();
      trace_->write(options_.trace, profile ? &*profile : nullptr);
      if (profile) std::filesystem::remove(profile->file);
    } catch (const std::exception& error) {
      base::log(base::LogLevel::warning, fmt::format("no trace: {}", error.what()));
    }
  }

  static std::size_t bytes_of(const std::vector<RequestPointer>& requests) {
    std::size_t bytes = 0;
    for (const RequestPointer& request : requests) {
      for (const Tensor* input : request->inputs) bytes += input->size() * element_bytes(input->type());
    }
    return bytes;
  }

  void require_finite(const Request& request) const {
    if (!options_.finite_only) return;
    for (const NamedTensor& output : request.prediction->outputs) {
      if (runtime::all_finite(output.tensor)) continue;
      throw Error(ErrorCode::corrupt_data, "output '" + output.name + "'", "holds NaN or infinity");
    }
  }

  EngineOptions options_;
  std::unique_ptr<runtime::Trace> trace_ = options_.trace.empty() ? nullptr : std::make_unique<runtime::Trace>();
  runtime::ThreadAllotment threads_;
  runtime::IsolatedSession* isolated_ = nullptr;  // the session, where it has worker processes
  double load_s_ = 0;
  Clock::time_point loaded_{};
  std::shared_ptr<runtime::Session> session_;
  runtime::InputContract contract_;
  runtime::BatchRunner runner_;
  runtime::RequestQueue queue_;
  runtime::MetricsRecorder metrics_;
  runtime::OutlierWatch memory_;
  base::Pool<Request> requests_;
  base::Pool<Run> runs_;  // of callers that run the model on their own threads
  std::atomic<bool> ending_ = false;
  std::vector<std::jthread> workers_;
};

Engine::Engine(const EngineOptions& options) : implementation_(std::make_unique<Implementation>(options)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

const std::vector<TensorDescription>& Engine::inputs() const { return implementation_->contract().inputs(); }
const std::vector<TensorDescription>& Engine::outputs() const { return implementation_->contract().outputs(); }
const std::string& Engine::placement() const { return implementation_->placement(); }

Prediction Engine::predict(const Inputs& inputs, const RequestOptions& options) {
  Prediction prediction;
  implementation_->predict(inputs, prediction, options, false);
  return prediction;
}

void Engine::predict(const Inputs& inputs, Prediction& prediction, const RequestOptions& options) {
  implementation_->predict(inputs, prediction, options, true);
}

std::future<Prediction> Engine::submit(Inputs inputs, const RequestOptions& options) {
  auto promise = std::make_shared<std::promise<Prediction>>();
  auto future = promise->get_future();
  submit(std::move(inputs), options, [promise](Prediction prediction, const std::optional<Error>& error) {
    if (error) {
      promise->set_exception(std::make_exception_ptr(*error));
    } else {
      promise->set_value(std::move(prediction));
    }
  });
  return future;
}

void Engine::submit(Inputs inputs, const RequestOptions& options, Callback callback) {
  implementation_->submit(std::move(inputs), options, std::move(callback));
}

std::vector<std::future<Prediction>> Engine::predict_batch(std::vector<Inputs> requests,
                                                           const RequestOptions& options) {
  std::vector<std::future<Prediction>> futures;
  futures.reserve(requests.size());
  for (Inputs& inputs : requests) futures.push_back(submit(std::move(inputs), options));
  return futures;
}

EngineMetrics Engine::metrics() const { return implementation_->metrics(); }

}  // namespace vivace
