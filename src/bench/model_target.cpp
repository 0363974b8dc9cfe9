#include "bench/model_target.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "base/sha256.hpp"
#include "bench/placement_settings.hpp"
#include "model/input_shape.hpp"
#include "runtime/shape_fit.hpp"

namespace vivace::bench {
namespace {

std::size_t rows_of(const Engine::Inputs& request, const model::RowLengths& rows) {
  if (request.empty() || request.front().tensor.shape().empty()) return 1;
  return rows.rows_in(static_cast<std::size_t>(request.front().tensor.shape().front()));
}

bool has_rows(const Prediction& prediction, std::size_t rows) {
  return std::all_of(prediction.outputs.begin(), prediction.outputs.end(),
                     [rows](const NamedTensor& output) { return runtime::has_rows(output.tensor.shape(), rows); });
}

void add(Answer& answer, const RequestMetrics& metrics) {
  // Of a run that requests shared, each counts its part.
  const double share =
      metrics.batch > metrics.rows ? static_cast<double>(metrics.rows) / static_cast<double>(metrics.batch) : 1.0;
  answer.stage_s[0] += metrics.queue_s;
  answer.stage_s[1] += metrics.prepare_s * share;
  answer.stage_s[2] += metrics.infer_s * share;
  answer.stage_s[3] += metrics.copy_out_s * share;
}

/// With what the manifest of an installed model says of rows, and of shapes that are not named.
InputOptions settled_inputs(const ModelTargetOptions& options) {
  InputOptions inputs = options.inputs;
  if (options.installed.empty()) return inputs;
  const model::GraphInputs known = model::graph_inputs(options.installed, 1, options.engine.placement.backend);
  inputs.shapes.insert(known.shapes.begin(), known.shapes.end());
  inputs.rows = known.rows;
  return inputs;
}

class ModelTarget : public Target {
 public:
  explicit ModelTarget(const ModelTargetOptions& options) : options_(options), engine_(options.engine) {
    const InputOptions inputs = settled_inputs(options);
    requests_ = inputs.recorded.empty() ? random_requests(engine_.inputs(), inputs)
                                        : recorded_requests(engine_.inputs(), inputs);
    rows_ = rows_of(requests_.front(), inputs.rows);
    unsaid_ = unsaid_shapes(engine_.inputs(), inputs);
  }

  std::string description() const override { return "model " + options_.name; }

  std::map<std::string, std::string> settings() const override {
    const EngineOptions& engine = options_.engine;
    auto settings = placement_settings(engine.placement, engine_.placement());
    settings.insert({{"batch", std::to_string(rows_)},
                     {"threads", std::to_string(engine.threads.intra_op)},
                     {"workers", std::to_string(engine.threads.workers)},
                     {"max-batch", std::to_string(engine.max_batch)},
                     {"max-delay-us", std::to_string(engine.max_delay.count())}});
    return settings;
  }

  std::vector<std::string> stages() const override { return {"queue", "prepare", "infer", "copy out"}; }
  double load_s() const override { return engine_.metrics().load_s; }
  std::string model_sha256() const override { return base::sha256_of_file(options_.engine.model); }
  std::string input_sha256() const override { return sha256_of(requests_); }
  std::size_t inputs() const override { return requests_.size(); }

  std::vector<std::string> notes() const override {
    const std::size_t max_batch = options_.engine.max_batch;
    if (max_batch == 1 || has_shared_) return {};
    return {fmt::format("no requests shared a run of up to {} rows: {}", max_batch, why_not_shared())};
  }

  Answer send(std::size_t index, std::size_t samples) override {
    try {
      return answer_to(index, samples);
    } catch (const Error& error) {
      const bool is_of_the_graph = error.code() == ErrorCode::model_mismatch || error.code() == ErrorCode::internal;
      if (unsaid_.empty() || !is_of_the_graph) throw;
      throw Error(error.code(), error.context(),
                  fmt::format("does not run with a first axis of 1, which is taken where nothing says how long it is; "
                              "give --shape {} with a number for each ?, or --batch ({})",
                              fmt::join(unsaid_, " --shape "), error.message()));
    }
  }

 private:
  std::string why_not_shared() const {
    const std::size_t length = rows_of(requests_.front(), {});
    const std::string each = fmt::format("each has {} on the first axis of its inputs", length);
    if (gives_other_rows_) return each + ", and the model gives other numbers of rows than it takes";
    if (2 * length > options_.engine.max_batch) return each + ", so no two fit";
    return "no two waited at a time; more callers or --max-delay-us let them";
  }

  void count(Answer& answer, const Prediction& prediction) {
    const RequestMetrics& metrics = prediction.metrics;
    if (metrics.batch > metrics.rows) has_shared_ = true;
    if (!has_rows(prediction, metrics.rows)) gives_other_rows_ = true;
    add(answer, metrics);
  }

  Answer answer_to(std::size_t index, std::size_t samples) {
    Answer answer;
    answer.items = static_cast<std::uint32_t>(rows_ * samples);
    if (samples == 1) {
      const Engine::Inputs& request = requests_[index % requests_.size()];
      count(answer, options_.queued ? engine_.submit(request, {}).get() : engine_.predict(request));
      return answer;
    }
    std::vector<Engine::Inputs> query;
    for (std::size_t i = 0; i < samples; ++i) query.push_back(requests_[(index * samples + i) % requests_.size()]);
    for (auto& prediction : engine_.predict_batch(std::move(query))) count(answer, prediction.get());
    return answer;
  }

  ModelTargetOptions options_;
  Engine engine_;
  Requests requests_;
  std::size_t rows_ = 1;
  std::vector<std::string> unsaid_;
  std::atomic<bool> has_shared_ = false;        // a run, one request with another
  std::atomic<bool> gives_other_rows_ = false;  // on the first axis than inputs have there
};

}  // namespace

std::unique_ptr<Target> open_model_target(const ModelTargetOptions& options) {
  return std::make_unique<ModelTarget>(options);
}

}  // namespace vivace::bench
