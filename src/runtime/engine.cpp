#include "vivace/engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "base/machine.hpp"
#include "runtime/engine_metrics.hpp"
#include "runtime/request_queue.hpp"
#include "runtime/session.hpp"

namespace vivace {
namespace {

using Clock = RequestOptions::Clock;
using runtime::Request;

constexpr std::size_t kMostRows = 65536;
constexpr std::size_t kMostWorkers = 1024;
constexpr std::size_t kLargestQueue = 1'000'000;

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
  require(options.workers <= kMostWorkers, "workers", options.workers, kMostWorkers);
  require(options.intra_op_threads >= 1 && options.intra_op_threads <= 1024, "intra_op_threads",
          options.intra_op_threads, 1024);
  for (const std::size_t rows : options.preferred_batches) {
    require(rows >= 1 && rows <= options.max_batch, "preferred_batches", rows, options.max_batch);
  }
  if (options.max_delay.count() < 0) throw Error(ErrorCode::invalid_argument, "max_delay", "is negative");
  return options;
}

std::vector<TensorDescription> described(const std::vector<runtime::TensorInfo>& tensors) {
  std::vector<TensorDescription> descriptions;
  descriptions.reserve(tensors.size());
  for (const runtime::TensorInfo& tensor : tensors) {
    descriptions.push_back({tensor.name, tensor.element_type, tensor.shape});
  }
  return descriptions;
}

/// The length of the first axis of all tensors, along which requests are joined; 0 where it is free. Throws where they
/// differ.
std::size_t common_rows(std::vector<TensorDescription> tensors, const std::vector<TensorDescription>& more) {
  tensors.insert(tensors.end(), more.begin(), more.end());
  const std::int64_t rows = tensors.front().shape.empty() ? 0 : tensors.front().shape.front();
  for (const TensorDescription& tensor : tensors) {
    if (!tensor.shape.empty() && tensor.shape.front() == rows && rows != 0) continue;
    throw Error(
        ErrorCode::model_mismatch, "tensor '" + tensor.name + "'",
        fmt::format("is {}; max_batch above 1 needs the same first axis, best a free one, in every input and output",
                    to_text(tensor.shape)));
  }
  return rows < 0 ? 0 : static_cast<std::size_t>(rows);
}

std::vector<std::string> names_of(const std::vector<TensorDescription>& tensors) {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const TensorDescription& tensor : tensors) names.push_back(tensor.name);
  return names;
}

bool fits(const Shape& given, const Shape& declared) {
  return std::equal(given.begin(), given.end(), declared.begin(), declared.end(),
                    [](std::int64_t length, std::int64_t wanted) { return wanted < 0 || length == wanted; });
}

void require_fit(const Tensor& tensor, const TensorDescription& wanted) {
  if (element_type_name(tensor.type()) == wanted.type && fits(tensor.shape(), wanted.shape)) return;
  throw Error(ErrorCode::invalid_argument, "input '" + wanted.name + "'",
              fmt::format("is {} {}; the model takes {} {} (-1: any length)", element_type_name(tensor.type()),
                          to_text(tensor.shape()), wanted.type, to_text(wanted.shape)));
}

std::size_t rows_of(const Tensor& tensor) {
  return tensor.shape().empty() ? 1 : static_cast<std::size_t>(tensor.shape().front());
}

/// The rows of several tensors in one, followed by zeros (or empty strings) up to `least_rows`. All have the same type
/// and, but for the first axis, shape.
Tensor joined(const std::vector<const Tensor*>& parts, std::size_t least_rows) {
  Shape shape = parts.front()->shape();
  shape.front() = 0;
  for (const Tensor* part : parts) shape.front() += part->shape().front();
  shape.front() = std::max(shape.front(), static_cast<std::int64_t>(least_rows));
  Tensor whole(parts.front()->type(), std::move(shape));
  if (whole.type() == ElementType::string) {
    auto place = whole.mutable_values<std::string>().begin();
    for (const Tensor* part : parts) place = std::copy_n(part->values<std::string>().begin(), part->size(), place);
    return whole;
  }
  std::byte* place = whole.mutable_bytes().data();
  for (const Tensor* part : parts) {
    std::memcpy(place, part->bytes().data(), part->bytes().size());
    place += part->bytes().size();
  }
  return whole;
}

Error cancelled_before_run(const RequestOptions& options) {
  return {ErrorCode::cancelled,
          options.stop.stop_requested() ? "stopped before it ran" : "its deadline passed before it ran"};
}

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
      : options_(checked(options)),
        session_(timed_load()),
        inputs_(described(session_->inputs())),
        outputs_(described(session_->outputs())),
        fixed_rows_(options.max_batch > 1 ? common_rows(inputs_, outputs_) : 0),
        queue_({options.queue_capacity, options.when_full, most_rows(), options.max_delay, options.preferred_batches}) {
    start(options.workers > 0 ? options.workers : base::usable_cores(base::read_machine()));
  }

  ~Implementation() {
    ending_.request_stop();
    queue_.close();
  }

  const std::vector<TensorDescription>& inputs() const { return inputs_; }
  const std::vector<TensorDescription>& outputs() const { return outputs_; }

  Prediction predict(Inputs inputs, RequestOptions options) {
    if (options_.max_batch > 1) return submit(std::move(inputs), std::move(options)).get();
    try {
      return answered({request_of(std::move(inputs), std::move(options))}).front();
    } catch (const Error& error) {
      metrics_.count_failure(error.code());
      throw;
    }
  }

  std::future<Prediction> submit(Inputs inputs, RequestOptions options) {
    auto promise = std::make_shared<std::promise<Prediction>>();
    auto future = promise->get_future();
    submit(std::move(inputs), std::move(options), [promise](Prediction prediction, const std::optional<Error>& error) {
      if (error) {
        promise->set_exception(std::make_exception_ptr(*error));
      } else {
        promise->set_value(std::move(prediction));
      }
    });
    return future;
  }

  void submit(Inputs inputs, RequestOptions options, Callback callback) {
    Request request = request_of(std::move(inputs), std::move(options));
    request.done = std::move(callback);
    if (std::optional<Request> dropped = queue_.push(std::move(request))) {
      fail(*dropped, {ErrorCode::resource_exhausted, "dropped: the queue was full and later requests came"});
    }
  }

  EngineMetrics metrics() const {
    EngineMetrics metrics = metrics_.snapshot();
    metrics.waiting = queue_.size();
    metrics.load_s = load_s_;
    return metrics;
  }

 private:
  /// Starts the workers. Where the system gives fewer threads, those that run are ended again, so that they can be
  /// joined.
  void start(std::size_t workers) {
    try {
      while (workers_.size() < workers) workers_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      queue_.close();
      throw Error(
          ErrorCode::resource_exhausted, "workers",
          fmt::format("only {} of {} threads could be started: {}; use fewer", workers_.size(), workers, error.what()));
    }
  }

  std::unique_ptr<runtime::Session> timed_load() {
    const Clock::time_point start = Clock::now();
    runtime::SessionOptions wanted;
    wanted.graph = options_.model;
    wanted.placement = options_.placement;
    wanted.intra_op_threads = options_.intra_op_threads;
    auto session = runtime::open_session(wanted);
    load_s_ = seconds_between(start, Clock::now());
    return session;
  }

  std::size_t most_rows() const {
    return fixed_rows_ > 0 ? std::min(fixed_rows_, options_.max_batch) : options_.max_batch;
  }

  /// What the model takes of an input: any number of rows where fewer are filled up.
  TensorDescription taken(TensorDescription input) const {
    if (fixed_rows_ > 0) input.shape.front() = -1;
    return input;
  }

  /// Checks a request and brings its inputs into the model's order.
  Request request_of(Inputs inputs, RequestOptions options) const {
    Request request;
    request.came = Clock::now();
    for (const TensorDescription& wanted : inputs_) {
      const auto found =
          std::find_if(inputs.begin(), inputs.end(), [&](const auto& i) { return i.name == wanted.name; });
      if (found == inputs.end()) {
        throw Error(ErrorCode::invalid_argument, "input '" + wanted.name + "'",
                    fmt::format("is missing; the model takes {}", fmt::join(names_of(inputs_), ", ")));
      }
      require_fit(found->tensor, taken(wanted));
      request.inputs.push_back(std::move(*found));
      found->name.clear();
    }
    for (const NamedTensor& left : inputs) {
      if (left.name.empty()) continue;
      throw Error(
          ErrorCode::invalid_argument, "input '" + left.name + "'",
          fmt::format("is not one of the model's, or there twice; it takes {}", fmt::join(names_of(inputs_), ", ")));
    }
    settle_outputs(options);
    request.options = std::move(options);
    if (options_.max_batch > 1) settle_rows(request);
    return request;
  }

  void settle_outputs(RequestOptions& options) const {
    if (options.outputs.empty()) options.outputs = names_of(outputs_);
    for (const std::string& name : options.outputs) {
      if (std::any_of(outputs_.begin(), outputs_.end(), [&](const auto& output) { return output.name == name; }))
        continue;
      throw Error(ErrorCode::invalid_argument, "output '" + name + "'",
                  fmt::format("is not one of the model's; it has {}", fmt::join(names_of(outputs_), ", ")));
    }
  }

  /// Counts the rows, and names what requests must have in common to share a run.
  void settle_rows(Request& request) const {
    request.rows = rows_of(request.inputs.front().tensor);
    for (const NamedTensor& input : request.inputs) {
      if (rows_of(input.tensor) != request.rows || request.rows == 0) {
        throw Error(
            ErrorCode::invalid_argument, "input '" + input.name + "'",
            fmt::format("has {} rows; every input must have the same number, at least 1", rows_of(input.tensor)));
      }
      Shape row = input.tensor.shape();
      row.front() = 1;
      request.key += to_text(row);
    }
    if (fixed_rows_ > 0 && request.rows > fixed_rows_) {
      throw Error(ErrorCode::invalid_argument, "input '" + request.inputs.front().name + "'",
                  fmt::format("has {} rows; the model takes {} at most", request.rows, fixed_rows_));
    }
    for (const std::string& output : request.options.outputs) request.key += "," + output;
  }

  void work() {
    while (true) {
      const std::vector<Request> run = queue_.pop();
      if (run.empty()) return;
      serve(run);
    }
  }

  /// Answers requests that share a run. Where it fails, each is tried alone, so that none suffers from another.
  void serve(const std::vector<Request>& run) {
    std::vector<Prediction> predictions;
    try {
      predictions = answered(run);
    } catch (const Error& error) {
      if (run.size() == 1) return fail(run.front(), error);
      for (const Request& request : run) serve({request});
      return;
    } catch (const std::exception& error) {
      for (const Request& request : run) fail(request, {ErrorCode::internal, error.what()});
      return;
    }
    for (std::size_t i = 0; i < run.size(); ++i) run[i].done(std::move(predictions[i]), std::nullopt);
  }

  void fail(const Request& request, const Error& error) {
    metrics_.count_failure(error.code());
    request.done({}, error);
  }

  /// Runs requests of one key together; one prediction each, in their order.
  std::vector<Prediction> answered(const std::vector<Request>& run) {
    const Clock::time_point begin = Clock::now();
    const RequestOptions& first = run.front().options;
    if (run.size() == 1 && (first.stop.stop_requested() || (first.deadline && *first.deadline <= begin))) {
      throw cancelled_before_run(first);
    }
    const std::vector<Tensor> outputs = session_->run(inputs_of(run), first.outputs, stop_of(run));
    const Clock::time_point end = Clock::now();
    std::vector<Prediction> predictions = split(run, outputs);
    const std::size_t batch = total_rows(run);
    for (std::size_t i = 0; i < run.size(); ++i) {
      predictions[i].metrics = {seconds_between(run[i].came, begin), seconds_between(begin, end), run[i].rows, batch};
      metrics_.count_prediction(predictions[i].metrics, seconds_between(run[i].came, end));
    }
    metrics_.count_run(batch);
    return predictions;
  }

  static std::size_t total_rows(const std::vector<Request>& run) {
    std::size_t rows = 0;
    for (const Request& request : run) rows += request.rows;
    return rows;
  }

  /// A shared run ends only with the engine; a request that runs alone can be stopped by its caller.
  std::stop_token stop_of(const std::vector<Request>& run) const {
    const std::stop_token& own = run.front().options.stop;
    return run.size() == 1 && own.stop_possible() ? own : ending_.get_token();
  }

  std::vector<NamedTensor> inputs_of(const std::vector<Request>& run) const {
    if (run.size() == 1 && run.front().rows >= fixed_rows_) return run.front().inputs;
    std::vector<NamedTensor> inputs;
    for (std::size_t i = 0; i < run.front().inputs.size(); ++i) {
      std::vector<const Tensor*> parts;
      parts.reserve(run.size());
      for (const Request& request : run) parts.push_back(&request.inputs[i].tensor);
      inputs.push_back({run.front().inputs[i].name, joined(parts, fixed_rows_)});
    }
    return inputs;
  }

  std::vector<Prediction> split(const std::vector<Request>& run, const std::vector<Tensor>& outputs) const {
    const bool whole = run.size() == 1 && run.front().rows >= fixed_rows_;
    const std::vector<std::string>& names = run.front().options.outputs;
    std::vector<Prediction> predictions(run.size());
    std::size_t row = 0;
    for (std::size_t i = 0; i < run.size(); ++i) {
      for (std::size_t k = 0; k < outputs.size(); ++k) {
        predictions[i].outputs.push_back({names[k], whole ? outputs[k] : outputs[k].rows(row, run[i].rows)});
      }
      row += run[i].rows;
    }
    return predictions;
  }

  EngineOptions options_;
  double load_s_ = 0;
  std::unique_ptr<runtime::Session> session_;
  std::vector<TensorDescription> inputs_;
  std::vector<TensorDescription> outputs_;
  std::size_t fixed_rows_;  // which runs are filled up to; 0: any number will do
  runtime::RequestQueue queue_;
  runtime::MetricsRecorder metrics_;
  std::stop_source ending_;
  std::vector<std::jthread> workers_;
};

Engine::Engine(const EngineOptions& options) : implementation_(std::make_unique<Implementation>(options)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

const std::vector<TensorDescription>& Engine::inputs() const { return implementation_->inputs(); }
const std::vector<TensorDescription>& Engine::outputs() const { return implementation_->outputs(); }

Prediction Engine::predict(Inputs inputs, RequestOptions options) {
  return implementation_->predict(std::move(inputs), std::move(options));
}

std::future<Prediction> Engine::submit(Inputs inputs, RequestOptions options) {
  return implementation_->submit(std::move(inputs), std::move(options));
}

void Engine::submit(Inputs inputs, RequestOptions options, Callback callback) {
  implementation_->submit(std::move(inputs), std::move(options), std::move(callback));
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
