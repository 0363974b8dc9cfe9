#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/thread_budget.hpp"
#include "runtime/graph_file.hpp"
#include "runtime/input_contract.hpp"
#include "runtime/placement.hpp"
#include "runtime/session.hpp"
#include "runtime/setting_race.hpp"
#include "vivace/tune.hpp"

namespace vivace {
namespace {

using Clock = std::chrono::steady_clock;
using runtime::Session;

constexpr double kShortestTurnS = 0.1;
constexpr double kSmallestBudgetS = 0.1;
constexpr double kLargestBudgetS = 86400;
constexpr std::size_t kLargestBatch = 4096;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void check(const TuneOptions& options) {
  if (!options.inputs) throw Error(ErrorCode::invalid_argument, "inputs", "are missing");
  if (!(options.budget_s >= kSmallestBudgetS && options.budget_s <= kLargestBudgetS)) {
    throw Error(ErrorCode::invalid_argument, "budget",
                fmt::format("is {} s; it must be {} to {}", options.budget_s, kSmallestBudgetS, kLargestBudgetS));
  }
  for (const std::size_t batch : options.batches) {
    if (batch >= 1 && batch <= kLargestBatch) continue;
    throw Error(ErrorCode::invalid_argument, "batches",
                fmt::format("hold {}; they must be 1 to {}", batch, kLargestBatch));
  }
  if (options.batches.empty()) throw Error(ErrorCode::invalid_argument, "batches", "are empty");
}

bool allows(const std::string& wanted, const std::string& name) { return wanted == "auto" || wanted == name; }

/// Workers and threads of one run that use all cores, or one.
std::vector<std::pair<std::size_t, std::size_t>> thread_splits(TuneGoal goal, std::size_t cores) {
  std::vector<std::pair<std::size_t, std::size_t>> splits;
  for (std::size_t intra_op = 1; intra_op <= cores; ++intra_op) {
    if (goal == TuneGoal::latency) {
      if (intra_op == 1 || intra_op == cores || cores % intra_op == 0) splits.emplace_back(1, intra_op);
    } else if (cores % intra_op == 0) {
      splits.emplace_back(cores / intra_op, intra_op);
    }
  }
  return splits;
}

/// The numbers of rows to try, from the middle outwards, so that hopeless settings show soon.
std::vector<std::size_t> batches_of(const TuneOptions& options) {
  std::vector<std::size_t> batches = options.batches;
  if (options.goal == TuneGoal::latency) return {*std::min_element(batches.begin(), batches.end())};
  std::sort(batches.begin(), batches.end());
  batches.erase(std::unique(batches.begin(), batches.end()), batches.end());
  std::rotate(batches.begin(), batches.begin() + static_cast<std::ptrdiff_t>(batches.size() / 2), batches.end());
  return batches;
}

/// The settings that a candidate has with one precision and layout.
void add_settings(const TuneOptions& options, const TunedSetting& base, std::vector<TunedSetting>& settings) {
  for (const auto& [workers, intra_op] : thread_splits(options.goal, base::ThreadBudget::of_process().cores())) {
    for (const std::size_t batch : batches_of(options)) {
      TunedSetting setting = base;
      setting.workers = workers;
      setting.intra_op = intra_op;
      setting.batch = batch;
      settings.push_back(std::move(setting));
    }
  }
}

std::vector<TunedSetting> settings_to_try(const TuneOptions& options) {
  std::vector<TunedSetting> settings;
  for (const auto& candidate : runtime::candidates(options.placement.provider_libraries)) {
    if (!allows(options.placement.backend, candidate->backend())) continue;
    if (options.placement.provider != "auto" && !candidate->answers_to(options.placement.provider)) continue;
    const bool has_layouts = candidate->backend() == "onnxruntime" && candidate->provider() == "cpu";
    for (const char* precision : {"fp32", "bf16", "fp16"}) {
      const bool lower = std::string_view(precision) != "fp32";
      if (lower && !options.least_cosine && options.placement.precision == "auto") continue;
      if (!allows(options.placement.precision, precision) || candidate->decline(precision)) continue;
      for (const char* layout : {"blocked", "plain"}) {
        if (!allows(options.placement.layout, layout)) continue;
        if (!has_layouts && std::string_view(layout) != "blocked") continue;
        add_settings(options, {candidate->backend(), candidate->provider(), precision, has_layouts ? layout : "auto"},
                     settings);
      }
    }
  }
  return settings;
}

/// The cosine between the values of two outputs; -1 where they cannot be compared.
double cosine(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return -1;
  double dot = 0;
  double square_a = 0;
  double square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    square_a += static_cast<double>(a[i]) * a[i];
    square_b += static_cast<double>(b[i]) * b[i];
  }
  const double norm = std::sqrt(square_a * square_b);
  const double cosine = norm > 0 ? dot / norm : (square_a == square_b ? 1.0 : -1.0);
  return std::isnan(cosine) ? -1 : cosine;
}

bool are_equal(const Tensor& a, const Tensor& b) {
  if (a.type() != b.type() || a.shape() != b.shape()) return false;
  return a.type() == ElementType::string ? std::ranges::equal(a.values<std::string>(), b.values<std::string>())
                                         : std::ranges::equal(a.bytes(), b.bytes());
}

/// The least cosine of all outputs of two runs; what is no float32 must be equal.
double least_cosine(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  double least = 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool are_floats = a[i].type() == ElementType::float32 && b[i].type() == ElementType::float32;
    const double alike =
        are_floats ? cosine(a[i].values<float>(), b[i].values<float>()) : (are_equal(a[i], b[i]) ? 1.0 : -1.0);
    least = std::min(least, alike);
  }
  return least;
}

/// Measures settings one after the other. Sessions stay open, as settings come again.
class Measurement {
 public:
  explicit Measurement(const TuneOptions& options) : options_(options) {}

  double used() const { return seconds_since(start_) / options_.budget_s; }

  /// Throws Error(invalid_argument) for inputs that the model does not take: they are nothing that a setting cannot
  /// run. Uses none of the budget.
  void check_inputs(const std::vector<TunedSetting>& settings) {
    const std::vector<NamedTensor>& inputs = inputs_of(settings.front().batch);
    const Session* session = nullptr;
    for (auto setting = settings.begin(); session == nullptr && setting != settings.end(); ++setting) {
      try {
        session = &session_of(*setting);
      } catch (const Error&) {  // told where the setting has its turn
      }
    }
    runtime::Request request;
    if (session != nullptr) runtime::InputContract(*session, {}).admit(inputs, {}, request);
    start_ = Clock::now();
  }

  runtime::Turn turn(const TunedSetting& setting) {
    if (options_.stop.stop_requested()) throw Error(ErrorCode::cancelled, "stopped while it was tuned");
    const Session& session = session_of(setting);
    const std::vector<NamedTensor>& inputs = inputs_of(setting.batch);
    session.run(inputs, outputs_of(session), options_.stop);
    return setting.workers == 1 ? turn_of_one(session, inputs, setting.batch) : turn_of_many(session, inputs, setting);
  }

 private:
  /// Runs for at least a moment, and at least twice.
  runtime::Turn turn_of_one(const Session& session, const std::vector<NamedTensor>& inputs, std::size_t rows) const {
    const std::vector<std::string> outputs = outputs_of(session);
    std::vector<double> seconds;
    const Clock::time_point begin = Clock::now();
    while (seconds.size() < 2 || seconds_since(begin) < kShortestTurnS) {
      const Clock::time_point start = Clock::now();
      session.run(inputs, outputs, options_.stop);
      seconds.push_back(seconds_since(start));
    }
    const double elapsed = seconds_since(begin);
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return {static_cast<double>(rows * seconds.size()) / elapsed, *middle};
  }

  runtime::Turn turn_of_many(const Session& session, const std::vector<NamedTensor>& inputs,
                             const TunedSetting& setting) const {
    std::vector<runtime::Turn> turns(setting.workers);
    std::exception_ptr failure;
    std::mutex mutex;
    {
      std::vector<std::jthread> workers;
      for (runtime::Turn& turn : turns) {
        workers.emplace_back([&] {
          try {
            turn = turn_of_one(session, inputs, setting.batch);
          } catch (...) {
            const std::scoped_lock lock(mutex);
            failure = std::current_exception();
          }
        });
      }
    }
    if (failure) std::rethrow_exception(failure);
    runtime::Turn all;
    for (const runtime::Turn& turn : turns) {
      all.rows_per_s += turn.rows_per_s;
      all.latency_s += turn.latency_s / static_cast<double>(setting.workers);
    }
    return all;
  }

  const Session& session_of(const TunedSetting& setting) {
    TunedSetting key = setting;
    key.batch = key.workers = 0;
    const std::string name = to_text(key);
    if (const auto known = failed_.find(name); known != failed_.end()) throw known->second;
    std::unique_ptr<Session>& session = sessions_[name];
    if (session != nullptr) return *session;
    try {
      session = open(setting);
      if (setting.precision != "fp32" && options_.least_cosine) require_alike(*session);
    } catch (const Error& error) {
      session.reset();
      failed_.emplace(name, error);
      throw;
    }
    return *session;
  }

  std::unique_ptr<Session> open(const TunedSetting& setting) const {
    runtime::SessionOptions wanted;
    wanted.graph = options_.graph;
    wanted.placement = options_.placement;
    wanted.placement.backend = setting.backend;
    wanted.placement.provider = setting.provider;
    wanted.placement.precision = setting.precision;
    wanted.placement.layout = setting.layout;
    wanted.intra_op_threads = static_cast<int>(setting.intra_op);
    return runtime::open_session(wanted);
  }

  /// Throws where the outputs are less like those of fp32 than they must be.
  void require_alike(const Session& session) {
    if (reference_.empty()) {
      const auto exact = open({"onnxruntime", "cpu", "fp32", "auto"});
      reference_ = exact->run(inputs_of(1), outputs_of(*exact), options_.stop);
    }
    const double cosine = least_cosine(reference_, session.run(inputs_of(1), outputs_of(session), options_.stop));
    if (cosine >= *options_.least_cosine) return;
    throw Error(ErrorCode::unsupported, "its precision",
                fmt::format("is too low for this model: the cosine to fp32 is {:.6f}, at least {} is asked for", cosine,
                            *options_.least_cosine));
  }

  const std::vector<NamedTensor>& inputs_of(std::size_t rows) {
    const auto known = inputs_.find(rows);
    return known != inputs_.end() ? known->second : inputs_.emplace(rows, options_.inputs(rows)).first->second;
  }

  static std::vector<std::string> outputs_of(const Session& session) {
    std::vector<std::string> names;
    for (const runtime::TensorInfo& output : session.outputs()) names.push_back(output.name);
    return names;
  }

  const TuneOptions& options_;
  Clock::time_point start_ = Clock::now();
  std::map<std::string, std::unique_ptr<Session>> sessions_;
  std::map<std::string, Error> failed_;
  std::map<std::size_t, std::vector<NamedTensor>> inputs_;
  std::vector<Tensor> reference_;
};

}  // namespace

std::string to_text(const TunedSetting& setting) {
  const std::string layout = setting.layout == "auto" ? "" : " " + setting.layout;
  return fmt::format("{}/{} {}{}, {} worker{} x {} thread{}, batch {}", setting.backend, setting.provider,
                     setting.precision, layout, setting.workers, setting.workers == 1 ? "" : "s", setting.intra_op,
                     setting.intra_op == 1 ? "" : "s", setting.batch);
}

TuneResult tune(const TuneOptions& options, const std::function<void(double)>& observe) {
  check(options);
  runtime::require_graph_file(options.graph);
  const std::vector<TunedSetting> settings = settings_to_try(options);
  if (settings.empty()) {
    throw Error(ErrorCode::unavailable, options.graph.string(),
                "no candidate accepts what is asked for; see vivace doctor");
  }
  Measurement measurement(options);
  measurement.check_inputs(settings);
  TuneResult result;
  result.trials = runtime::race(settings, {options.goal, [&](const TunedSetting& s) { return measurement.turn(s); },
                                           [&] { return measurement.used(); }, observe, options.exhaustive});
  if (result.trials.front().turns == 0) {
    throw Error(ErrorCode::unavailable, options.graph.string(),
                fmt::format("nothing here can run it: {}", result.trials.front().problem));
  }
  result.best = result.trials.front().setting;
  return result;
}

}  // namespace vivace
