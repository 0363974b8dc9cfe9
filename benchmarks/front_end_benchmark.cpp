// What one thread needs for ten seconds of audio on the way to a model: resampling and log-mel frames.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "media/resampler.hpp"
#include "model/essentia_recipe.hpp"
#include "tasks/embed/mel_frontend.hpp"

namespace vivace {
namespace {

constexpr int kSeconds = 10;
constexpr int kModelRate = 16000;
constexpr std::size_t kBlock = 1152;  // an MP3 frame

std::vector<float> noise(int sample_rate) {
  std::vector<float> samples(static_cast<std::size_t>(kSeconds * sample_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>((7919 * i) % 1000) / 1000 - 0.5F;
  return samples;
}

/// Calls `push` with the samples in blocks.
template <typename Push>
void in_blocks(std::span<const float> samples, Push&& push) {
  for (std::size_t i = 0; i < samples.size(); i += kBlock)
    push(samples.subspan(i, std::min(kBlock, samples.size() - i)));
}

void resample(benchmark::State& state, media::ResamplerKind kind) {
  const std::vector<float> samples = noise(44100);
  const auto resampler = media::make_resampler(kind, 44100, kModelRate);
  std::vector<float> resampled;
  for (auto _ : state) {
    resampled.clear();
    in_blocks(samples, [&](std::span<const float> block) { resampler->push(block, resampled); });
    resampler->finish(resampled);
    benchmark::DoNotOptimize(resampled.data());
  }
}
BENCHMARK_CAPTURE(resample, linear, media::ResamplerKind::linear)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(resample, sinc_medium, media::ResamplerKind::sinc_medium)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(resample, soxr_hq, media::ResamplerKind::soxr_hq)->Unit(benchmark::kMillisecond);

void log_mel(benchmark::State& state) {
  embed::MelFrontEnd front_end(model::essentia_recipe("TensorflowPredictMusiCNN").front_end, kModelRate);
  const std::vector<float> samples = noise(kModelRate);
  std::vector<float> frames;
  for (auto _ : state) {
    frames.clear();
    in_blocks(samples, [&](std::span<const float> block) { front_end.push(block, frames); });
    front_end.finish(frames);
    benchmark::DoNotOptimize(frames.data());
  }
}
BENCHMARK(log_mel)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vivace
