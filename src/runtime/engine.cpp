#include "vivace/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "base/current_error.hpp"
#include "base/log.hpp"
#include "base/machine.hpp"
#include "base/pool.hpp"
#include "base/scheduling.hpp"
#include "base/thread_budget.hpp"
#include "base/visitors.hpp"
#include "runtime/any_stop.hpp"
#include "runtime/batch_runner.hpp"
#include "runtime/engine_metrics.hpp"
#include "runtime/input_contract.hpp"
#include "runtime/loaded_model.hpp"
#include "runtime/outlier_watch.hpp"
#include "runtime/request_queue.hpp"
#include "runtime/run_slots.hpp"
#include "runtime/trace.hpp"

namespace vivace {
namespace {

using Clock = RequestOptions::Clock;
using runtime::end_of;
using runtime::Request;
using runtime::RequestPointer;
using runtime::require_wanted;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

double seconds_since(Clock::time_point& mark) {
  const Clock::time_point now = Clock::now();
  return seconds_between(std::exchange(mark, now), now);
}

double total_s(const RequestMetrics& metrics) {
  return metrics.queue_s + metrics.prepare_s + metrics.infer_s + metrics.copy_out_s;
}

/// Of a request that made room for another one.
Error dropped_error() {
  try {
    return {ErrorCode::resource_exhausted, "dropped: the queue was full and later requests came"};
  } catch (...) {
    return base::current_error();
  }
}

void log_callback(const Error& thrown) noexcept {
  try {
    base::log(base::LogLevel::warning, fmt::format("a callback threw: {}", thrown.what()));
  } catch (const std::exception&) {
    return;  // there is no memory for a message
  }
}

void log_other_rows(const std::filesystem::path& model) noexcept {
  try {
    base::log(base::LogLevel::warning,
              fmt::format("{}: gives another number of rows than it takes, so requests cannot share runs; each runs "
                          "alone from now on",
                          model.native()));
  } catch (const std::exception&) {
    return;  // there is no memory for a message
  }
}

/// Calls what tells a caller of its answer; what that throws goes to the log.
void tell(const Request::Done& done, Prediction owned, std::optional<Error> error) {
  try {
    done(std::move(owned), std::move(error));
  } catch (...) {
    log_callback(base::current_error());
  }
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

class Engine::Implementation {
 public:
  explicit Implementation(const EngineOptions& options)
      : options_(runtime::checked(options)),
        model_(runtime::load_model(options_)),
        contract_(*model_.session, options_),
        runner_(contract_),
        queue_({options.queue_capacity, options.when_full, contract_.max_rows(), options.max_delay, options.window,
                options.preferred_batches, model_.threads.workers,
                [this](const Request& request) { return !runner_.gives_other_rows(request); }}) {
    if (joins_ahead()) slots_.emplace(model_.threads.workers);
    start();
  }

  ~Implementation() {
    end();
    visitors_.wait_until_gone();
    if (trace_ != nullptr) write_trace();
  }

  const runtime::InputContract& contract() const { return contract_; }
  const std::string& placement() const { return model_.session->placement(); }

  void predict(const Inputs& inputs, Prediction& prediction, const RequestOptions& options, bool in_place) {
    const base::Visitors::Visit visit(visitors_);
    RequestPointer request = new_request();
    admit(inputs, options, *request);
    request->prediction = &prediction;
    request->in_place = in_place;
    if (!contract_.merges()) return predict_here(std::move(request));
    Answer answer;
    request->done = [&answer](const Prediction&, std::optional<Error> error) { answer.set(std::move(error)); };
    enter(std::move(request));
    answer.wait();
  }

  void submit(Inputs inputs, const RequestOptions& options, Callback callback) {
    const base::Visitors::Visit visit(visitors_);
    RequestPointer request = new_request();
    request->owned_inputs = std::move(inputs);
    admit(request->owned_inputs, options, *request);
    request->owned_prediction = {};
    request->prediction = &request->owned_prediction;
    request->in_place = false;
    request->done = [callback = std::move(callback)](Prediction owned, std::optional<Error> error) {
      callback(error ? Prediction{} : std::move(owned), std::move(error));
    };
    enter(std::move(request));
  }

  EngineMetrics metrics() const {
    EngineMetrics metrics = metrics_.snapshot();
    metrics.waiting = queue_.size();
    metrics.load_s = model_.load_s;
    metrics.up_s = seconds_between(model_.loaded, Clock::now());
    metrics.rows_per_s = metrics.up_s > 0 ? static_cast<double>(metrics.rows) / metrics.up_s : 0;
    metrics.resident_bytes = base::resident_bytes();
    const runtime::BackendMemory memory = model_.session->memory();
    metrics.backend_allocations = memory.allocations;
    metrics.backend_bytes = memory.bytes_in_use;
    metrics.backend_most_bytes = memory.most_bytes_in_use;
    if (model_.isolated != nullptr) {
      const std::vector<pid_t> workers = model_.isolated->process_ids();
      metrics.worker_processes = workers.size();
      for (const pid_t worker : workers) metrics.worker_resident_bytes += base::resident_bytes(worker);
      metrics.worker_restarts = model_.isolated->restarts();
    }
    return metrics;
  }

 private:
  /// Requests that share a run, with the memory that it needs.
  struct Run {
    std::vector<RequestPointer> requests{};
    runtime::RunWorkspace workspace{};
    bool is_counted = false;  ///< whether it is under way for the queue
  };

  /// When a run began, and the seconds that its stages took.
  struct RunTimes {
    Clock::time_point begin{};
    double prepare = 0;
    double wait = 0;  ///< for the end of another run, or a worker process
    double infer = 0;
    double copy_out = 0;
  };

  /// A worker process for a run. The wait for it ends with the first of the requests.
  struct LentWorker {
    LentWorker(const runtime::IsolatedSession& isolated, std::span<const RequestPointer> requests)
        : stop(requests), session(isolated, {stop.token(), runtime::nearest_deadline(requests)}) {}

    runtime::AnyStop stop;
    runtime::LeasedSession session;
  };

  /// Whether there is one more thread than runs at a time, which joins the inputs of the next one: where requests are
  /// joined, a core is left for it, and threads do not keep to cores of their own.
  bool joins_ahead() const {
    return contract_.merges() && model_.threads.scheduling.cores.empty() &&
           model_.threads.workers < base::ThreadBudget::of_process().cores();
  }

  /// Starts the workers. Where that fails, those that run are ended again.
  void start() {
    const std::size_t threads = model_.threads.workers + (slots_ ? 1 : 0);
    try {
      while (workers_.size() < threads) start_worker(model_.threads.of_worker(workers_.size()));
    } catch (const std::system_error& error) {
      const std::size_t started = workers_.size();
      end();
      throw Error(ErrorCode::resource_exhausted, "workers",
                  fmt::format("only {} of {} threads could be started: {}; use fewer", started, threads, error.what()));
    } catch (...) {
      end();
      throw;
    }
  }

  /// Throws what goes wrong on the new thread before it takes requests.
  void start_worker(const base::Scheduling& scheduling) {
    std::promise<void> ready;
    std::future<void> started = ready.get_future();
    workers_.emplace_back([this, scheduling, ready = std::move(ready)]() mutable {
      Run run;
      try {
        run.requests.reserve(contract_.max_rows());
        base::apply(scheduling);
      } catch (...) {
        ready.set_exception(std::current_exception());
        return;
      }
      ready.set_value();
      work(run);
    });
    started.get();
  }

  /// Fails what waits, and waits for the workers.
  void end() {
    ending_ = true;
    queue_.close();
    if (model_.isolated != nullptr) model_.isolated->close();
    workers_.clear();
  }

  RequestPointer new_request() {
    RequestPointer request = requests_.take([] { return std::make_unique<Request>(); });
    request->came = Clock::now();
    return request;
  }

  void admit(const Inputs& inputs, const RequestOptions& options, Request& request) {
    counted([&] { contract_.admit(inputs, options, request); });
  }

  /// Calls `action` and counts its failure, which is thrown on as an Error.
  template <typename Action>
  void counted(Action&& action) {
    try {
      base::with_errors(action);
    } catch (const Error& error) {
      metrics_.count_failure(error.code());
      throw;
    }
  }

  /// Runs a request on the caller's thread.
  void predict_here(RequestPointer request) {
    std::unique_ptr<Run> run = runs_.take([] { return std::make_unique<Run>(); });
    run->requests.clear();
    run->requests.push_back(std::move(request));
    counted([&] {
      answer(*run);
      require_finite(*run->requests.front());
    });
    const RequestMetrics& metrics = run->requests.front()->prediction->metrics;
    metrics_.count_prediction(metrics, total_s(metrics));
    give_back(std::move(run->requests.front()));
    runs_.give_back(std::move(run));
  }

  /// Hands a request to the workers; one that the queue does not take fails.
  void enter(RequestPointer request) {
    RequestPointer dropped;
    try {
      dropped = queue_.push(request);
    } catch (...) {
      return finish(std::move(request), base::current_error());
    }
    if (dropped != nullptr) finish(std::move(dropped), dropped_error());
  }

  void work(Run& run) {
    while (true) {
      queue_.pop(run.requests);
      if (run.requests.empty()) return;
      run.is_counted = true;
      serve(run);
      leave(run);
      keep_apart();
    }
  }

  /// Lets requests share no more runs once it is known that these cannot be split.
  void keep_apart() {
    const std::size_t outputs = runner_.outputs_with_other_rows();
    const std::size_t before = kept_apart_outputs_.exchange(outputs);
    if (outputs == before) return;
    queue_.look_again();
    if (before == 0) log_other_rows(options_.model);
  }

  /// Lets the queue give out the next run.
  void leave(Run& run) {
    if (std::exchange(run.is_counted, false)) queue_.end_run();
  }

  /// Waits until there may be another run. Throws as `answer` where it is over by then.
  std::unique_lock<runtime::RunSlots> slot_for(const Run& run) {
    if (!slots_) return {};
    std::unique_lock slot(*slots_, std::try_to_lock);
    if (slot.owns_lock()) return slot;
    slot.lock();
    require_wanted(run.requests, Clock::now());
    return slot;
  }

  /// Answers requests that share a run, all of them, whatever fails.
  void serve(Run& run) {
    try {
      answer_each(run);
    } catch (...) {
      const Error failure = base::current_error();
      for (RequestPointer& request : run.requests) {
        if (request != nullptr) finish(std::move(request), failure);
      }
    }
  }

  void answer_each(Run& run) {
    const std::optional<Error> failure = failure_of(run);
    if (failure && run.requests.size() > 1 && !ending_) {
      if (failure->code() == ErrorCode::cancelled) return serve_wanted(run);
      if (failure->code() != ErrorCode::unavailable) return serve_each(run);
    }
    for (RequestPointer& request : run.requests) {
      std::optional<Error> own = failure ? failure : finiteness_problem(*request);
      finish(std::move(request), std::move(own));
    }
  }

  /// Why the requests could not be answered; nothing where they were.
  std::optional<Error> failure_of(Run& run) {
    try {
      answer(run);
      return std::nullopt;
    } catch (...) {
      return base::current_error();
    }
  }

  /// After a shared run that could not begin as some of its requests are over: fails those, and tries the others again.
  void serve_wanted(Run& run) {
    const Clock::time_point now = Clock::now();
    const auto over = std::stable_partition(run.requests.begin(), run.requests.end(),
                                            [&](const RequestPointer& request) { return !end_of(*request, now); });
    if (over == run.requests.end()) return serve_each(run);
    for (auto request = over; request != run.requests.end(); ++request) {
      std::optional<Error> end = end_of(**request, now);
      finish(std::move(*request), std::move(end));
    }
    run.requests.erase(over, run.requests.end());
    if (!run.requests.empty()) serve(run);
  }

  /// After a shared run that failed: tries each request alone, so that none suffers from another. Not where a worker
  /// process ended, as that may end the next too.
  void serve_each(Run& run) {
    std::vector<RequestPointer> requests;
    requests.reserve(run.requests.size());
    std::ranges::move(run.requests, std::back_inserter(requests));
    for (RequestPointer& request : requests) {
      run.requests.clear();
      run.requests.push_back(std::move(request));
      serve(run);
    }
  }

  /// Keeps the object for another request, and tells the caller, who so finds it there for the next.
  void finish(RequestPointer request, std::optional<Error> error) {
    if (error) {
      metrics_.count_failure(error->code());
    } else {
      metrics_.count_prediction(request->prediction->metrics, total_s(request->prediction->metrics));
    }
    const Request::Done done = std::exchange(request->done, nullptr);
    Prediction owned = std::move(request->owned_prediction);
    give_back(std::move(request));
    tell(done, std::move(owned), std::move(error));
  }

  void give_back(RequestPointer request) {
    request->owned_inputs.clear();
    request->stop = {};
    requests_.give_back(std::move(request));
  }

  /// Runs requests of one key together and fills in their predictions. Throws cancelled where one of them is over
  /// before the run begins.
  void answer(Run& run) {
    RunTimes times{.begin = Clock::now()};
    if (ending_) throw Error(ErrorCode::cancelled, "the engine has ended");
    require_wanted(run.requests, times.begin);
    Clock::time_point mark = times.begin;
    runner_.join(run.requests, run.workspace);
    times.prepare = seconds_since(mark);
    {
      std::optional<LentWorker> worker;
      if (model_.isolated != nullptr) worker.emplace(*model_.isolated, run.requests);
      const std::unique_lock slot = slot_for(run);
      times.wait = seconds_since(mark);
      const runtime::Session& session = worker ? worker->session : *model_.session;
      runner_.infer(session, run.requests, run.workspace);
      times.infer = seconds_since(mark);
    }
    leave(run);
    runner_.split(run.requests, run.workspace);
    times.copy_out = seconds_since(mark);
    record(run, times);
  }

  /// Tells requests and metrics how a run went, and learns from it.
  void record(const Run& run, const RunTimes& times) {
    std::size_t batch = 0;
    for (const RequestPointer& request : run.requests) batch += request->rows;
    for (const RequestPointer& request : run.requests) {
      request->prediction->metrics = {seconds_between(request->came, times.begin) + times.wait,
                                      times.prepare,
                                      times.infer,
                                      times.copy_out,
                                      request->rows,
                                      batch};
    }
    metrics_.count_run(batch, times.infer);
    if (trace_ != nullptr) trace(run, times, batch);
    if (memory_.is_time_to_shrink(runtime::bytes_of_inputs(run.requests))) model_.session->shrink_after_next_run();
    queue_.learn(batch, times.prepare + times.infer + times.copy_out);
  }

  void trace(const Run& run, const RunTimes& times, std::size_t batch) {
    for (const RequestPointer& request : run.requests) {
      trace_->add_waiting("queue", request->came, times.begin, request->rows);
    }
    Clock::time_point begin = times.begin;
    const auto after = [&](double seconds) {
      return begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    };
    for (const auto& [stage, wait, length] :
         {std::tuple("prepare", 0.0, times.prepare), std::tuple(runtime::kTraceRun.data(), times.wait, times.infer),
          std::tuple("copy out", 0.0, times.copy_out)}) {
      begin = after(wait);
      const Clock::time_point end = after(length);
      trace_->add(stage, begin, end, batch);
      begin = end;
    }
  }

  /// With what the backend wrote, whose own file is then removed.
  void write_trace() noexcept {
    try {
      const auto profile = model_.session->end_profile();
      trace_->write(options_.trace, profile ? &*profile : nullptr);
      if (profile) std::filesystem::remove(profile->file);
    } catch (const std::exception& error) {
      base::log(base::LogLevel::warning, fmt::format("no trace: {}", error.what()));
    }
  }

  std::optional<Error> finiteness_problem(const Request& request) const {
    if (!options_.finite_only) return std::nullopt;
    for (const NamedTensor& output : request.prediction->outputs) {
      if (runtime::all_finite(output.tensor)) continue;
      return Error(ErrorCode::corrupt_data, "output '" + output.name + "'", "holds NaN or infinity");
    }
    return std::nullopt;
  }

  void require_finite(const Request& request) const {
    if (const auto problem = finiteness_problem(request)) throw Error(*problem);
  }

  EngineOptions options_;
  std::unique_ptr<runtime::Trace> trace_ = options_.trace.empty() ? nullptr : std::make_unique<runtime::Trace>();
  runtime::LoadedModel model_;
  runtime::InputContract contract_;
  runtime::BatchRunner runner_;
  runtime::RequestQueue queue_;
  runtime::MetricsRecorder metrics_;
  runtime::OutlierWatch memory_;
  base::Pool<Request> requests_;
  base::Pool<Run> runs_;  // of callers that run the model on their own threads
  base::Visitors visitors_;
  std::optional<runtime::RunSlots> slots_;  // where inputs are joined ahead
  std::atomic<bool> ending_ = false;
  std::atomic<std::size_t> kept_apart_outputs_ = 0;
  std::vector<std::jthread> workers_;
};

Engine::Engine(const EngineOptions& options)
    : implementation_(base::with_errors([&] { return std::make_unique<Implementation>(options); })) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

const std::vector<TensorDescription>& Engine::inputs() const { return implementation_->contract().inputs(); }
const std::vector<TensorDescription>& Engine::outputs() const { return implementation_->contract().outputs(); }
const std::string& Engine::placement() const { return implementation_->placement(); }

Prediction Engine::predict(const Inputs& inputs, const RequestOptions& options) {
  Prediction prediction;
  base::with_errors([&] { implementation_->predict(inputs, prediction, options, false); });
  return prediction;
}

void Engine::predict(const Inputs& inputs, Prediction& prediction, const RequestOptions& options) {
  base::with_errors([&] { implementation_->predict(inputs, prediction, options, true); });
}

std::future<Prediction> Engine::submit(Inputs inputs, const RequestOptions& options) {
  return base::with_errors([&] {
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
  });
}

void Engine::submit(Inputs inputs, const RequestOptions& options, Callback callback) {
  base::with_errors([&] { implementation_->submit(std::move(inputs), options, std::move(callback)); });
}

std::vector<std::future<Prediction>> Engine::predict_batch(std::vector<Inputs> requests,
                                                           const RequestOptions& options) {
  std::vector<std::future<Prediction>> futures;
  futures.reserve(requests.size());
  for (Inputs& inputs : requests) {
    try {
      futures.push_back(submit(std::move(inputs), options));
    } catch (...) {
      std::promise<Prediction> failed;
      failed.set_exception(std::current_exception());
      futures.push_back(failed.get_future());
    }
  }
  return futures;
}

EngineMetrics Engine::metrics() const {
  return base::with_errors([&] { return implementation_->metrics(); });
}

}  // namespace vivace
