#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "media/decoder.hpp"
#include "media/downmix.hpp"
#include "media/resampler.hpp"
#include "model/model.hpp"
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

/// The mean of each column of a row-major matrix.
std::vector<float> column_means(std::span<const float> values, std::size_t rows, std::size_t columns) {
  std::vector<double> sums(columns);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) sums[column] += values[row * columns + column];
  }
  std::vector<float> means(columns);
  for (std::size_t column = 0; column < columns; ++column) {
    means[column] = static_cast<float>(sums[column] / static_cast<double>(rows));
  }
  return means;
}

runtime::SessionOptions session_options(const EmbedOptions& options) {
  return {.graph = {}, .backend = options.backend, .provider = options.provider, .intra_op_threads = 1};
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

EmbedModelInfo describe_chain(const model::ModelChain& chain, const std::string& placement) {
  const model::Manifest& extractor = chain.extractor.manifest;
  EmbedModelInfo info;
  info.name = extractor.name;
  info.sha256 = extractor.file("graph").sha256;
  for (const model::Model& head : chain.heads) {
    info.name += "+" + head.manifest.name;
    info.sha256 += "+" + head.manifest.file("graph").sha256;
  }
  info.front_end = embed::describe(*extractor.front_end, extractor.audio->sample_rate);
  info.resampler = extractor.audio->resampler;
  info.placement = placement;
  info.dimension = extractor.embedding_dimension;
  info.row_rate_hz = static_cast<double>(extractor.audio->sample_rate) /
                     static_cast<double>(extractor.front_end->hop * extractor.patch->hop);
  info.labels = chain_labels(chain);
  info.extractor_labels = extractor.activations ? extractor.activations->labels.size() : 0;
  return info;
}

std::size_t batch_size(const EmbedOptions& options, const model::Patching& patch) {
  const std::size_t wanted = options.batch > 0 ? options.batch : patch.batch;
  return patch.fixed_batch > 0 ? patch.fixed_batch : wanted;
}

/// What one stream needs besides the networks; reused from stream to stream.
struct Workspace {
  Workspace(const model::Manifest& manifest, std::size_t batch)
      : mel(*manifest.front_end, manifest.audio->sample_rate), patches(*manifest.patch, mel.bands(), batch) {}

  embed::MelFrontEnd mel;
  embed::PatchCutter patches;
  media::AudioBlock block;
  std::vector<float> mono;
  std::vector<float> resampled;
};

}  // namespace

class Embedder::Implementation {
 public:
  explicit Implementation(const EmbedOptions& options)
      : options_(options),
        chain_(model::open_chain(options.model)),
        extractor_(chain_.extractor.folder, chain_.extractor.manifest, session_options(options)),
        info_(describe_chain(chain_, extractor_.placement())),
        resampler_(media::resampler_kind(chain_.extractor.manifest.audio->resampler)),
        batch_(batch_size(options, *chain_.extractor.manifest.patch)) {
    for (const model::Model& head : chain_.heads) {
      heads_.emplace_back(head.folder, head.manifest, session_options(options));
    }
    release(std::make_unique<Workspace>(chain_.extractor.manifest, batch_));
  }

  const EmbedModelInfo& info() const { return info_; }

  /// Pulls blocks of mono samples from `next_block(Workspace&, StageSeconds&) -> span` (empty: the end) through the
  /// chain.
  template <typename NextBlock>
  Embedding embed_stream(int sample_rate, NextBlock&& next_block) const {
    std::unique_ptr<Workspace> workspace = acquire();
    Embedding result;
    result.dimension = info_.dimension;
    const auto resampler = media::make_resampler(resampler_, sample_rate, target_rate());
    std::uint64_t samples = 0;
    const double longest = options_.max_duration_s * sample_rate;
    while (true) {
      const std::span<const float> block = next_block(*workspace, result.seconds);
      if (block.empty()) break;
      samples += block.size();
      if (static_cast<double>(samples) > longest) break;
      resample(*resampler, block, *workspace, result.seconds);
      run_full_batches(*workspace, result);
    }
    result.duration_s = static_cast<double>(samples) / sample_rate;
    result.outside_limits = result.duration_s < options_.min_duration_s || result.duration_s > options_.max_duration_s;
    if (result.outside_limits) {
      result.note = kOutsideLimits;
    } else {
      flush(*resampler, *workspace, result.seconds);
      run_full_batches(*workspace, result);
      run_last_batch(*workspace, result);
      summarise(result);
      release(std::move(workspace));
    }
    return result;
  }

  bool declared_outside_limits(const std::optional<double>& duration_s) const {
    return duration_s && (*duration_s < options_.min_duration_s || *duration_s > options_.max_duration_s);
  }

 private:
  int target_rate() const { return chain_.extractor.manifest.audio->sample_rate; }
  const model::Patching& patching() const { return *chain_.extractor.manifest.patch; }

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

  void run_full_batches(Workspace& workspace, Embedding& result) const {
    while (workspace.patches.full()) run_batch(workspace, batch_, result);
  }

  void run_last_batch(Workspace& workspace, Embedding& result) const {
    if (const std::size_t rest = workspace.patches.ready(); rest > 0) run_batch(workspace, rest, result);
    workspace.patches.reset();
  }

  void run_batch(Workspace& workspace, std::size_t count, Embedding& result) const {
    const StageTimer timer(result.seconds.model);
    const std::span<const float> patches = workspace.patches.batch(count);
    if (!all_finite(patches))
      throw Error(ErrorCode::corrupt_data, "samples far beyond full scale: no features can be computed");
    std::vector<float> activations;
    extractor_.run(patches, count, result.embeddings, activations);
    append_rows(activations, count, result);
    workspace.patches.consume(count);
    result.rows += count;
  }

  /// Appends `count` rows of activations: the extractor's labels, then those of every head.
  void append_rows(std::span<const float> own, std::size_t count, Embedding& result) const {
    std::vector<std::vector<float>> by_head(heads_.size());
    const std::span<const float> rows = std::span<const float>(result.embeddings).last(count * info_.dimension);
    for (std::size_t i = 0; i < heads_.size(); ++i) heads_[i].run(rows, count, by_head[i]);
    const std::size_t own_labels = info_.extractor_labels;
    for (std::size_t row = 0; row < count; ++row) {
      const auto append = [&](std::span<const float> values, std::size_t width) {
        const auto part = values.subspan(row * width, width);
        result.activations.insert(result.activations.end(), part.begin(), part.end());
      };
      append(own, own_labels);
      for (std::size_t i = 0; i < heads_.size(); ++i) append(by_head[i], heads_[i].labels().size());
    }
  }

  void summarise(Embedding& result) const {
    if (result.rows == 0) {
      const auto& manifest = chain_.extractor.manifest;
      const double shortest = static_cast<double>(patching().frames - 1) *
                              static_cast<double>(manifest.front_end->hop) / manifest.audio->sample_rate;
      result.note = fmt::format("no rows: {:.3f} s is shorter than one patch of {:.3f} s", result.duration_s, shortest);
      return;
    }
    for (std::size_t row = 0; row < result.rows; ++row) {
      result.times_s.push_back(static_cast<double>(row) / info_.row_rate_hz);
    }
    result.mean = column_means(result.embeddings, result.rows, info_.dimension);
    const std::vector<float> means = column_means(result.activations, result.rows, info_.labels.size());
    for (std::size_t i = 0; i < means.size(); ++i) result.tags.push_back({info_.labels[i], means[i]});
  }

  /// A workspace that no other thread uses. One that was left half-used is never released, so this one is as new.
  std::unique_ptr<Workspace> acquire() const {
    const std::scoped_lock lock(mutex_);
    if (free_.empty()) return std::make_unique<Workspace>(chain_.extractor.manifest, batch_);
    std::unique_ptr<Workspace> workspace = std::move(free_.back());
    free_.pop_back();
    return workspace;
  }

  void release(std::unique_ptr<Workspace> workspace) const {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(workspace));
  }

  EmbedOptions options_;
  model::ModelChain chain_;
  embed::PatchNetwork extractor_;
  std::vector<embed::HeadNetwork> heads_;
  EmbedModelInfo info_;
  media::ResamplerKind resampler_;
  std::size_t batch_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> free_;
};

Embedder::Embedder(const EmbedOptions& options) : implementation_(std::make_unique<Implementation>(options)) {}
Embedder::Embedder(Embedder&&) noexcept = default;
Embedder& Embedder::operator=(Embedder&&) noexcept = default;
Embedder::~Embedder() = default;

const EmbedModelInfo& Embedder::model() const { return implementation_->info(); }

Embedding Embedder::embed_file(const std::filesystem::path& path) const {
  try {
    media::Decoder decoder(path);
    if (implementation_->declared_outside_limits(decoder.info().declared_duration_s)) {
      Embedding skipped;
      skipped.duration_s = *decoder.info().declared_duration_s;
      skipped.outside_limits = true;
      skipped.note = kOutsideLimits;
      return skipped;
    }
    Embedding result = implementation_->embed_stream(
        decoder.info().sample_rate, [&](Workspace& workspace, StageSeconds& seconds) -> std::span<const float> {
          const StageTimer timer(seconds.decode);
          do {
            if (!decoder.read(workspace.block)) return {};
          } while (workspace.block.frames == 0);
          media::downmix_to_mono(workspace.block, workspace.mono);
          return workspace.mono;
        });
    result.truncated = !result.outside_limits && decoder.truncated();
    return result;
  } catch (const Error& error) {
    if (error.context().empty()) throw Error(error.code(), path.string(), error.message());
    throw;
  }
}

Embedding Embedder::embed(std::span<const float> samples, int sample_rate) const {
  if (!all_finite(samples))
    throw Error(ErrorCode::corrupt_data, "the samples hold a value that is not a finite number");
  return implementation_->embed_stream(sample_rate, [&](Workspace&, StageSeconds&) {
    const auto block = samples.first(std::min(samples.size(), kSamplesPerStep));
    samples = samples.subspan(block.size());
    return block;
  });
}

}  // namespace vivace
