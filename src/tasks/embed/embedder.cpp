#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "base/pool.hpp"
#include "media/decoder.hpp"
#include "media/downmix.hpp"
#include "media/resampler.hpp"
#include "model/model.hpp"
#include "runtime/placement.hpp"
#include "tasks/embed/features_name.hpp"
#include "tasks/embed/mel_frontend.hpp"
#include "tasks/embed/networks.hpp"
#include "tasks/embed/patch_cutter.hpp"
#include "vivace/embed.hpp"

namespace vivace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSamplesPerStep = 65536;
constexpr const char* kOutsideLimits = "no rows: shorter or longer than the duration limits allow";

/// Adds the time since construction to a sum of seconds.
class StageTimer {
 public:
  explicit StageTimer(double& seconds) : seconds_(seconds), start_(Clock::now()) {}
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  ~StageTimer() { seconds_ += std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  double& seconds_;
  Clock::time_point start_;
};

bool all_finite(std::span<const float> values) {
  float sum = 0;
  for (const float value : values) sum += value * 0;
  return sum == 0;
}

/// Sums of columns in double precision, so that a mean does not depend on how rows come in batches.
class ColumnSums {
 public:
  explicit ColumnSums(std::size_t columns) : sums_(columns) {}

  /// Adds rows of a row-major matrix.
  void add(std::span<const float> rows) {
    for (auto value = rows.begin(); value != rows.end();) {
      for (double& sum : sums_) sum += *value++;
    }
  }

  std::vector<float> means(std::size_t rows) const {
    std::vector<float> means;
    for (const double sum : sums_) means.push_back(static_cast<float>(sum / static_cast<double>(rows)));
    return means;
  }

 private:
  std::vector<double> sums_;
};

runtime::SessionOptions session_options(const EmbedOptions& options) {
  return {.graph = {}, .placement = options.placement, .intra_op_threads = 1};
}

/// The labels of a chain in order; a head's label that is already taken becomes "head/label".
std::vector<std::string> chain_labels(const model::ModelChain& chain) {
  std::vector<std::string> labels;
  if (chain.extractor.manifest.activations) labels = chain.extractor.manifest.activations->labels;
  std::unordered_set<std::string> taken(labels.begin(), labels.end());
  for (const model::Model& head : chain.heads) {
    for (const std::string& label : head.manifest.activations->labels) {
      labels.push_back(taken.contains(label) ? head.manifest.name + "/" + label : label);
      taken.insert(labels.back());
    }
  }
  return labels;
}

const std::string& graph_sha256(const model::Manifest& manifest, const PlacementOptions& placement) {
  return manifest.file(model::graph_role(manifest, placement.backend)).sha256;
}

EmbedModelInfo describe_chain(const model::ModelChain& chain, const EmbedOptions& options,
                              const std::string& placement) {
  const model::Manifest& extractor = chain.extractor.manifest;
  EmbedModelInfo info;
  info.name = extractor.name;
  info.sha256 = graph_sha256(extractor, options.placement);
  for (const model::Model& head : chain.heads) {
    info.name += "+" + head.manifest.name;
    info.sha256 += "+" + graph_sha256(head.manifest, options.placement);
  }
  info.front_end = embed::features_name(extractor, options.essentia_compatible);
  info.resampler = extractor.audio->resampler;
  info.placement = placement;
  info.dimension = extractor.embedding_dimension;
  info.row_rate_hz = static_cast<double>(extractor.audio->sample_rate) /
                     static_cast<double>(extractor.front_end->hop * extractor.patch->hop);
  info.labels = chain_labels(chain);
  info.extractor_labels = extractor.activations ? extractor.activations->labels.size() : 0;
  return info;
}

const EmbedOptions& checked(const EmbedOptions& options) {
  if (options.batch > model::kLargestBatch) {
    throw Error(ErrorCode::invalid_argument, "batch",
                fmt::format("is {}; it can be at most {}", options.batch, model::kLargestBatch));
  }
  if (options.min_duration_s > options.max_duration_s) {
    throw Error(ErrorCode::invalid_argument, "the shortest duration",
                fmt::format("of {} s is above the longest of {} s", options.min_duration_s, options.max_duration_s));
  }
  return options;
}

/// As asked for, as tuned, or as the model says.
std::size_t batch_size(const EmbedOptions& options, const model::Model& extractor) {
  const model::Patching& patch = *extractor.manifest.patch;
  if (patch.fixed_batch > 0 && options.batch > 0 && options.batch != patch.fixed_batch) {
    throw Error(ErrorCode::invalid_argument, "batch",
                fmt::format("is {}, but the graph takes {} patches and no other number; leave the option out",
                            options.batch, patch.fixed_batch));
  }
  if (patch.fixed_batch > 0) return patch.fixed_batch;
  if (options.batch > 0) return options.batch;
  const auto graph = extractor.folder / extractor.manifest.file("graph").path;
  const auto tuned = runtime::tuned_setting(graph, options.placement, TuneGoal::throughput);
  return tuned ? tuned->batch : patch.batch;
}

/// The answer for a track of a length that the options exclude.
Embedding outside_limits(double duration_s) {
  Embedding left_out;
  left_out.duration_s = duration_s;
  left_out.outside_limits = true;
  left_out.note = kOutsideLimits;
  return left_out;
}

model::ModelChain verified_chain(const std::string& names) {
  model::ModelChain chain = model::find_chain(names);
  model::verify(chain, base::KnownDigests::from_environment());
  return chain;
}

struct Networks {
  embed::PatchNetwork extractor;
  std::vector<embed::HeadNetwork> heads;
};

Networks open_networks(const model::ModelChain& chain, const runtime::SessionOptions& options) {
  Networks networks{{chain.extractor.folder, chain.extractor.manifest, options}, {}};
  for (const model::Model& head : chain.heads) networks.heads.emplace_back(head.folder, head.manifest, options);
  return networks;
}

/// What one stream needs besides the networks; reused from stream to stream.
struct Workspace {
  Workspace(const model::Manifest& manifest, std::size_t batch)
      : mel(*manifest.front_end, manifest.audio->sample_rate), patches(*manifest.patch, mel.bands(), batch) {}

  embed::MelFrontEnd mel;
  embed::PatchCutter patches;
  std::vector<float> resampled;
  std::vector<float> embeddings;                     // of one batch, [rows, dimension]
  std::vector<float> own_activations;                // of one batch, [rows, labels of the extractor]
  std::vector<std::vector<float>> head_activations;  // of one batch, [rows, labels of the head] each
  std::vector<float> activations;                    // of one batch, [rows, all labels]
};

/// What a stream has come to so far.
struct Progress {
  explicit Progress(const EmbedModelInfo& info) : embedding_sums(info.dimension), activation_sums(info.labels.size()) {}

  Embedding result;
  ColumnSums embedding_sums;
  ColumnSums activation_sums;
};

}  // namespace

class Embedder::Implementation {
 public:
  explicit Implementation(const EmbedOptions& options)
      : options_(checked(options)),
        chain_(verified_chain(options.model)),
        networks_(open_networks(chain_, session_options(options))),
        info_(describe_chain(chain_, options, networks_.extractor.placement())),
        resampler_(media::resampler_kind(chain_.extractor.manifest.audio->resampler)),
        batch_(batch_size(options, chain_.extractor)) {
    workspaces_.give_back(new_workspace());
  }

  const EmbedModelInfo& info() const { return info_; }

  bool is_outside_limits(double duration_s) const {
    return duration_s < options_.min_duration_s || duration_s > options_.max_duration_s;
  }
  bool is_too_long(double duration_s) const { return duration_s > options_.max_duration_s; }

  media::DecoderOptions decoder_options() const { return {.keep_priming = options_.essentia_compatible}; }

  std::unique_ptr<Workspace> take_workspace() const {
    return workspaces_.take([this] { return new_workspace(); });
  }
  void give_back(std::unique_ptr<Workspace> workspace) const { workspaces_.give_back(std::move(workspace)); }

  std::unique_ptr<media::Resampler> make_resampler(int sample_rate) const {
    return media::make_resampler(resampler_, sample_rate, chain_.extractor.manifest.audio->sample_rate);
  }

  /// Runs what has become ready: whole batches, at the end of a stream also the rest.
  void run_ready(Workspace& workspace, bool at_the_end, Progress& progress) const {
    while (workspace.patches.full()) run_batch(workspace, batch_, progress);
    if (!at_the_end) return;
    while (const std::size_t rest = workspace.patches.ready()) run_batch(workspace, rest, progress);
    workspace.patches.reset();
    summarise(progress);
  }
  void resample(media::Resampler& resampler, std::span<const float> block, Workspace& workspace,
                StageSeconds& seconds) const {
    {
      const StageTimer timer(seconds.resample);
      workspace.resampled.clear();
      resampler.push(block, workspace.resampled);
    }
    const StageTimer timer(seconds.mel);
    workspace.mel.push(workspace.resampled, workspace.patches.frames());
  }

  /// Ends the streams of samples and frames.
  void flush(media::Resampler& resampler, Workspace& workspace, StageSeconds& seconds) const {
    {
      const StageTimer timer(seconds.resample);
      workspace.resampled.clear();
      resampler.finish(workspace.resampled);
    }
    const StageTimer timer(seconds.mel);
    workspace.mel.push(workspace.resampled, workspace.patches.frames());
    workspace.mel.finish(workspace.patches.frames());
    if (options_.essentia_compatible && patching().essentia_rows == "without-last-frame") {
      workspace.patches.drop_last_frame();
    }
  }

 private:
  const model::Patching& patching() const { return *chain_.extractor.manifest.patch; }

  void run_batch(Workspace& workspace, std::size_t count, Progress& progress) const {
    const StageTimer timer(progress.result.seconds.model);
    const std::span<const float> patches = workspace.patches.batch(count);
    if (!all_finite(patches)) {
      throw Error(ErrorCode::corrupt_data, "samples far beyond full scale: no features can be computed");
    }
    workspace.embeddings.clear();
    workspace.own_activations.clear();
    networks_.extractor.run(patches, count, workspace.embeddings, workspace.own_activations);
    run_heads(workspace, count);
    workspace.patches.consume(count);
    add_rows(workspace, count, progress);
  }

  /// Runs every head on the batch and joins each row's activations: the extractor's labels, then those of the heads.
  void run_heads(Workspace& workspace, std::size_t count) const {
    workspace.head_activations.resize(networks_.heads.size());
    for (std::size_t i = 0; i < networks_.heads.size(); ++i) {
      workspace.head_activations[i].clear();
      networks_.heads[i].run(workspace.embeddings, count, workspace.head_activations[i]);
    }
    workspace.activations.clear();
    for (std::size_t row = 0; row < count; ++row) {
      const auto append = [&](std::span<const float> values, std::size_t width) {
        const auto part = values.subspan(row * width, width);
        workspace.activations.insert(workspace.activations.end(), part.begin(), part.end());
      };
      append(workspace.own_activations, info_.extractor_labels);
      for (std::size_t i = 0; i < networks_.heads.size(); ++i)
        append(workspace.head_activations[i], networks_.heads[i].labels().size());
    }
  }

  void add_rows(const Workspace& workspace, std::size_t count, Progress& progress) const {
    progress.embedding_sums.add(workspace.embeddings);
    progress.activation_sums.add(workspace.activations);
    Embedding& result = progress.result;
    result.rows += count;
    if (!options_.keep_rows) return;
    result.embeddings.insert(result.embeddings.end(), workspace.embeddings.begin(), workspace.embeddings.end());
    result.activations.insert(result.activations.end(), workspace.activations.begin(), workspace.activations.end());
    while (result.times_s.size() < result.rows) {
      result.times_s.push_back(static_cast<double>(result.times_s.size()) / info_.row_rate_hz);
    }
  }

  void summarise(Progress& progress) const {
    Embedding& result = progress.result;
    if (result.rows == 0) {
      const auto& manifest = chain_.extractor.manifest;
      const double shortest = static_cast<double>(patching().frames - 1) *
                              static_cast<double>(manifest.front_end->hop) / manifest.audio->sample_rate;
      result.note = fmt::format("no rows: {:.3f} s is shorter than one patch of {:.3f} s", result.duration_s, shortest);
      return;
    }
    result.mean = progress.embedding_sums.means(result.rows);
    const std::vector<float> means = progress.activation_sums.means(result.rows);
    for (std::size_t i = 0; i < means.size(); ++i) result.tags.push_back({info_.labels[i], means[i]});
  }

  std::unique_ptr<Workspace> new_workspace() const {
    return std::make_unique<Workspace>(chain_.extractor.manifest, batch_);
  }

  EmbedOptions options_;
  model::ModelChain chain_;
  Networks networks_;
  EmbedModelInfo info_;
  media::ResamplerKind resampler_;
  std::size_t batch_;
  mutable base::Pool<Workspace> workspaces_;  // one left half-used by an error is never given back
};

/// A recording on its way through the chain.
class Embedder::Stream::Implementation {
 public:
  Implementation(const Embedder::Implementation& embedder, int sample_rate)
      : embedder_(embedder),
        sample_rate_(sample_rate),
        resampler_(embedder.make_resampler(sample_rate)),
        workspace_(embedder.take_workspace()),
        progress_(embedder.info()) {
    progress_.result.dimension = embedder.info().dimension;
  }

  /// False once the recording is longer than the options allow.
  bool wants_more() const { return !embedder_.is_too_long(duration_s()); }

  void push(std::span<const float> samples) {
    samples_ += samples.size();
    if (!wants_more()) return;
    for (std::size_t begin = 0; begin < samples.size(); begin += kSamplesPerStep) {
      const auto step = samples.subspan(begin, std::min(kSamplesPerStep, samples.size() - begin));
      embedder_.resample(*resampler_, step, *workspace_, progress_.result.seconds);
      embedder_.run_ready(*workspace_, false, progress_);
    }
  }

  Embedding finish() {
    progress_.result.duration_s = duration_s();
    if (embedder_.is_outside_limits(duration_s())) return outside_limits(duration_s());
    embedder_.flush(*resampler_, *workspace_, progress_.result.seconds);
    embedder_.run_ready(*workspace_, true, progress_);
    embedder_.give_back(std::move(workspace_));
    return std::move(progress_.result);
  }

  /// Counts the time of `action` as decoding.
  template <typename Action>
  auto timed_decoding(Action&& action) {
    const StageTimer timer(progress_.result.seconds.decode);
    return action();
  }

 private:
  double duration_s() const { return static_cast<double>(samples_) / sample_rate_; }

  const Embedder::Implementation& embedder_;
  int sample_rate_;
  std::unique_ptr<media::Resampler> resampler_;
  std::unique_ptr<Workspace> workspace_;
  Progress progress_;
  std::uint64_t samples_ = 0;
};

Embedder::Stream::Stream() = default;
Embedder::Stream::Stream(Stream&&) noexcept = default;
Embedder::Stream& Embedder::Stream::operator=(Stream&&) noexcept = default;
Embedder::Stream::~Stream() = default;

void Embedder::Stream::push(std::span<const float> samples) {
  if (!all_finite(samples))
    throw Error(ErrorCode::corrupt_data, "the samples hold a value that is not a finite number");
  implementation_->push(samples);
}

Embedding Embedder::Stream::finish() { return implementation_->finish(); }

Embedder::Embedder(const EmbedOptions& options) : implementation_(std::make_unique<Implementation>(options)) {}
Embedder::Embedder(Embedder&&) noexcept = default;
Embedder& Embedder::operator=(Embedder&&) noexcept = default;
Embedder::~Embedder() = default;

const EmbedModelInfo& Embedder::model() const { return implementation_->info(); }

Embedder::Stream Embedder::stream(int sample_rate) const {
  Stream stream;
  stream.implementation_ = std::make_unique<Stream::Implementation>(*implementation_, sample_rate);
  return stream;
}

Embedding Embedder::embed_file(const std::filesystem::path& path) const {
  try {
    media::Decoder decoder(path, implementation_->decoder_options());
    const std::optional<double> declared_s = decoder.info().declared_duration_s;
    if (declared_s && implementation_->is_outside_limits(*declared_s)) return outside_limits(*declared_s);
    Stream::Implementation stream(*implementation_, decoder.info().sample_rate);
    media::AudioBlock block;
    std::vector<float> mono;
    while (stream.wants_more() && stream.timed_decoding([&] { return decoder.read(block); })) {
      stream.timed_decoding([&] { media::downmix_to_mono(block, mono); });
      stream.push(mono);
    }
    Embedding result = stream.finish();
    result.truncated = !result.outside_limits && decoder.truncated();
    return result;
  } catch (const Error& error) {
    if (error.context().empty()) throw Error(error.code(), path.string(), error.message());
    throw;
  }
}

Embedding Embedder::embed(std::span<const float> samples, int sample_rate) const {
  Stream recording = stream(sample_rate);
  recording.push(samples);
  return recording.finish();
}

}  // namespace vivace
