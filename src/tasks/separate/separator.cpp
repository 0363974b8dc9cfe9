#include <cstdint>
#include <random>
#include <utility>

#include "media/resampler.hpp"
#include "tasks/separate/opened_model.hpp"
#include "tasks/separate/separation_run.hpp"
#include "tasks/separate/stereo_source.hpp"
#include "vivace/separate.hpp"

namespace vivace {
namespace {

/// The silence in front of the track in each pass: up to half a second, drawn for each shift; one pass without any
/// where there are no shifts.
std::vector<std::int64_t> draw_leads(const SeparateOptions& options, int sample_rate) {
  if (options.shifts == 0) return {0};
  std::mt19937_64 random(options.seed);
  const auto choices = static_cast<std::uint64_t>(sample_rate / 2 + 1);
  std::vector<std::int64_t> leads;
  for (std::size_t i = 0; i < options.shifts; ++i) leads.push_back(static_cast<std::int64_t>(random() % choices));
  return leads;
}

}  // namespace

class Separator::Implementation {
 public:
  explicit Implementation(const SeparateOptions& options)
      : model_(separate::open_model(options)), leads_(draw_leads(options, model_.info.sample_rate)) {}

  const SeparateModelInfo& info() const { return model_.info; }

  SeparationSummary separate_file(const std::filesystem::path& path, const StemConsumer& consume,
                                  const std::function<void()>& checkpoint) const {
    const auto resampler = media::resampler_kind(model_.resampler);
    return run_separation(model_, separate::file_source(path, resampler, model_.info.sample_rate), leads_, consume,
                          checkpoint);
  }

  SeparationSummary separate(std::span<const float> samples, const StemConsumer& consume) const {
    return run_separation(model_, separate::sample_source(samples), leads_, consume, {});
  }

 private:
  separate::OpenedModel model_;
  std::vector<std::int64_t> leads_;
};

Separator::Separator(const SeparateOptions& options) : implementation_(std::make_unique<Implementation>(options)) {}
Separator::Separator(Separator&&) noexcept = default;
Separator& Separator::operator=(Separator&&) noexcept = default;
Separator::~Separator() = default;

const SeparateModelInfo& Separator::model() const { return implementation_->info(); }

SeparationSummary Separator::separate_file(const std::filesystem::path& path, const StemConsumer& consume,
                                           const std::function<void()>& checkpoint) const {
  try {
    return implementation_->separate_file(path, consume, checkpoint);
  } catch (const Error& error) {
    if (error.context().empty()) throw Error(error.code(), path.string(), error.message());
    throw;
  }
}

SeparationSummary Separator::separate(std::span<const float> samples, const StemConsumer& consume) const {
  return implementation_->separate(samples, consume);
}

}  // namespace vivace
