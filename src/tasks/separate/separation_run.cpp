#include "tasks/separate/separation_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/pool.hpp"
#include "dsp/magnitude.hpp"
#include "jobs/runner.hpp"
#include "tasks/separate/overlap_adder.hpp"
#include "tasks/separate/track_buffer.hpp"
#include "vivace/error.hpp"

namespace vivace::separate {
namespace {

using Clock = std::chrono::steady_clock;

/// Some megabytes, which are used again: fresh memory costs more time than what is computed in it.
using Samples = std::unique_ptr<std::vector<float>>;

/// A segment on its way to a worker.
struct Work {
  std::size_t pass = 0;
  std::size_t index = 0;
  Segment segment;  // positions in the track
  Samples input;    // [2, input_length]
};

/// What a worker made of it.
struct Done {
  std::size_t pass = 0;
  std::size_t index = 0;
  Segment segment;
  Samples output;  // [signals, 2, output_length]
  std::size_t runs = 0;
  double seconds = 0;
};

/// One pass over the track, shifted by silence in front of it.
struct Pass {
  explicit Pass(std::int64_t lead_frames, std::size_t rows) : lead(lead_frames), adder(rows) {}

  std::int64_t lead;
  std::size_t next = 0;  // index of the next segment
  bool ended = false;
  OverlapAdder adder;
  std::int64_t final = 0;  // frames before this get nothing more
};

class Run {
 public:
  Run(const OpenedModel& model, StereoReader& reader, const TrackLevel& level, const std::vector<std::int64_t>& leads,
      const StemConsumer& consume, const std::function<void()>& checkpoint)
      : model_(model),
        network_(*model.network),
        level_(level),
        consume_(consume),
        checkpoint_(checkpoint),
        buffer_(reader) {
    for (const std::int64_t lead : leads) passes_.emplace_back(lead, network_.signals() * kStereo);
    for (const MixedStem& stem : model.mix.stems) summary_.stems.push_back({stem.name});
  }

  SeparationSummary separate() {
    jobs::Runner<Work, Done> runner({model_.workers, jobs::ResultOrder::input, model_.workers + 1});
    runner.run([&] { return next(); }, [&](Work& work) { return run(work); },
               [&](Done&& done) { account(std::move(done)); }, {});
    buffer_.fill(std::numeric_limits<std::int64_t>::max());
    give_out(*buffer_.end());
    summarise();
    return std::move(summary_);
  }

 private:
  // On the workers, one at a time.

  std::optional<Work> next() {
    if (checkpoint_) checkpoint_();
    for (std::size_t i = 0; i < passes_.size(); ++i) {
      Pass& pass = passes_[turn_];
      const std::size_t index = turn_;
      turn_ = (turn_ + 1) % passes_.size();
      if (pass.ended) continue;
      if (std::optional<Segment> segment = next_segment(pass)) return begin(index, *segment);
      pass.ended = true;
    }
    return std::nullopt;
  }

  /// In positions of the track.
  std::optional<Segment> segment_of(const Pass& pass, std::size_t index) const {
    std::optional<std::int64_t> end = buffer_.end();
    if (end) *end += pass.lead;
    std::optional<Segment> segment = network_.segment(index, end);
    if (!segment) return std::nullopt;
    segment->input_begin -= pass.lead;
    segment->output_begin -= pass.lead;
    return segment;
  }

  std::optional<Segment> next_segment(const Pass& pass) {
    const std::optional<Segment> as_if_endless = segment_of(pass, pass.next);
    if (!as_if_endless) return std::nullopt;
    buffer_.fill(as_if_endless->input_begin + static_cast<std::int64_t>(as_if_endless->input_length));
    return segment_of(pass, pass.next);
  }

  Work begin(std::size_t index, const Segment& segment) {
    Pass& pass = passes_[index];
    Work work{index, pass.next, segment, samples(inputs_, kStereo * segment.input_length)};
    buffer_.copy(segment.input_begin, level_, segment.input_length, *work.input);
    ++pass.next;
    release_input();
    return work;
  }

  void release_input() {
    std::int64_t needed = std::numeric_limits<std::int64_t>::max();
    for (const Pass& pass : passes_) {
      if (pass.ended) continue;
      const std::optional<Segment> segment = network_.segment(pass.next, std::nullopt);
      const std::int64_t earliest =
          std::min(segment->input_begin, segment->output_begin - static_cast<std::int64_t>(network_.history()));
      needed = std::min(needed, earliest - pass.lead);
    }
    buffer_.release_input(needed);
  }

  // On any worker.

  /// With what was in them before.
  static Samples samples(base::Pool<std::vector<float>>& pool, std::size_t count) {
    Samples samples = pool.take([] { return std::make_unique<std::vector<float>>(); });
    samples->resize(count);
    return samples;
  }

  Done run(Work& work) {
    Done done{work.pass, work.index, work.segment,
              samples(outputs_, network_.signals() * kStereo * work.segment.output_length)};
    const Clock::time_point start = Clock::now();
    done.runs = network_.run(work.segment, *work.input, *done.output);
    done.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    inputs_.give_back(std::move(work.input));
    return done;
  }

  // On the thread that separates.

  void account(Done&& done) {
    summary_.segments += done.runs;
    summary_.network_s += done.seconds;
    Pass& pass = passes_[done.pass];
    std::vector<float> memory;
    pass.adder.add(done.segment.output_begin, *done.output, network_.weights(done.segment.output_length, memory));
    outputs_.give_back(std::move(done.output));
    pass.final = network_.segment(done.index + 1, std::nullopt)->output_begin - pass.lead;
    std::int64_t final = std::numeric_limits<std::int64_t>::max();
    for (const Pass& each : passes_) final = std::min(final, each.final);
    if (const std::optional<std::int64_t> end = buffer_.end()) final = std::min(final, *end);
    give_out(final);
  }

  void give_out(std::int64_t end) {
    const std::int64_t begin = passes_.front().adder.position();
    if (end <= begin) return;
    const auto frames = static_cast<std::size_t>(end - begin);
    signals_.assign(network_.signals() * kStereo * frames, 0.0F);
    for (Pass& pass : passes_) pass.adder.take(end, signals_);
    const auto scale = static_cast<float>(level_.scale / static_cast<double>(passes_.size()));
    const auto offset = static_cast<float>(level_.offset);
    for (float& value : signals_) value = value * scale + offset;

    mix_.resize(kStereo * frames);
    buffer_.copy(begin, {}, frames, mix_);
    buffer_.release_mix(end);
    stretch_.position = begin;
    stretch_.frames = frames;
    mix_stems(model_.mix.stems, mix_, signals_, stretch_.samples);
    measure();
    consume_(stretch_);
  }

  void measure() {
    const std::size_t stems = summary_.stems.size();
    energies_.resize(stems);
    for (std::size_t stem = 0; stem < stems; ++stem) {
      const auto samples = std::span(stretch_.samples).subspan(stem * mix_.size(), mix_.size());
      const double energy = dsp::sum_of_squares(samples);
      require_finite(energy, summary_.stems[stem].name);
      summary_.stems[stem].peak = std::max(summary_.stems[stem].peak, dsp::largest_magnitude(samples));
      energies_[stem] += energy;
    }
    mix_energy_ += dsp::sum_of_squares(mix_);
    samples_ += mix_.size();
    // What is left of the mix, in its place.
    for (std::size_t stem = 0; stem < stems; ++stem) {
      const float* samples = stretch_.samples.data() + stem * mix_.size();
      for (std::size_t i = 0; i < mix_.size(); ++i) mix_[i] -= samples[i];
    }
    residual_ += dsp::sum_of_squares(mix_);
  }

  void require_finite(double energy, const std::string& stem) const {
    if (std::isfinite(energy)) return;
    throw Error(ErrorCode::model_mismatch,
                fmt::format("the model '{}' gives values of {} that are no finite numbers, after {:.1f} s",
                            model_.info.name, stem, static_cast<double>(stretch_.position) / model_.info.sample_rate));
  }

  void summarise() {
    for (std::size_t stem = 0; stem < energies_.size(); ++stem) {
      summary_.stems[stem].rms = std::sqrt(energies_[stem] / static_cast<double>(samples_));
    }
    if (model_.mix.whole && residual_ > 0 && mix_energy_ > 0) {
      summary_.residual_db = 10 * std::log10(residual_ / mix_energy_);
    }
    summary_.duration_s = static_cast<double>(*buffer_.end()) / model_.info.sample_rate;
  }

  const OpenedModel& model_;
  const Network& network_;
  TrackLevel level_;
  const StemConsumer& consume_;
  const std::function<void()>& checkpoint_;
  TrackBuffer buffer_;
  std::vector<Pass> passes_;
  std::size_t turn_ = 0;
  SeparationSummary summary_;
  base::Pool<std::vector<float>> inputs_;
  base::Pool<std::vector<float>> outputs_;
  std::vector<float> signals_;  // of the stretch that is given out, [signals, 2, frames]
  std::vector<float> mix_;      // the same of the mix, [2, frames]
  StemStretch stretch_;
  std::vector<double> energies_;  // one a stem
  double residual_ = 0;
  double mix_energy_ = 0;
  std::size_t samples_ = 0;
};

}  // namespace

SeparationSummary run_separation(const OpenedModel& model, const StereoSource& source,
                                 const std::vector<std::int64_t>& leads, const StemConsumer& consume,
                                 const std::function<void()>& checkpoint) {
  TrackLevel level;
  if (model.network->needs_statistics()) {
    level = model.network->level(read_statistics(*source(), checkpoint));
  }
  const std::unique_ptr<StereoReader> reader = source();
  SeparationSummary summary = Run(model, *reader, level, leads, consume, checkpoint).separate();
  summary.truncated = reader->truncated();
  return summary;
}

}  // namespace vivace::separate
