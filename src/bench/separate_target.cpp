#include "bench/separate_target.hpp"

#include <chrono>

#include "bench/placement_settings.hpp"

namespace vivace::bench {
namespace {

using Clock = std::chrono::steady_clock;

class SeparateTarget : public Target {
 public:
  explicit SeparateTarget(const SeparateTargetOptions& options)
      : options_(options), begin_(Clock::now()), separator_(options.separate), loaded_(Clock::now()) {
    if (options.tracks.empty()) throw Error(ErrorCode::invalid_argument, options.name, "holds no audio files");
  }

  std::string description() const override { return "separate " + options_.name; }

  std::map<std::string, std::string> settings() const override {
    const SeparateOptions& separate = options_.separate;
    auto settings = placement_settings(separate.placement, separator_.model().placement);
    settings.insert({{"model", separate.model},
                     {"threads", std::to_string(separate.threads)},
                     {"workers", std::to_string(separate.workers)}});
    return settings;
  }

  std::vector<std::string> stages() const override { return {"network"}; }
  double load_s() const override { return std::chrono::duration<double>(loaded_ - begin_).count(); }
  std::string model_sha256() const override { return separator_.model().sha256; }

  std::string input_sha256() const override { return options_.input_sha256; }
  std::size_t inputs() const override { return options_.tracks.size(); }
  std::vector<std::string> notes() const override { return {}; }

  Answer send(std::size_t index, std::size_t samples) override {
    Answer answer;
    answer.items = static_cast<std::uint32_t>(samples);
    for (std::size_t i = 0; i < samples; ++i) {
      const auto& track = options_.tracks[(index * samples + i) % options_.tracks.size()];
      const SeparationSummary summary = separator_.separate_file(track, [](const StemStretch&) {});
      answer.audio_s += summary.duration_s;
      answer.stage_s[0] += summary.network_s;
    }
    return answer;
  }

 private:
  SeparateTargetOptions options_;
  Clock::time_point begin_;
  Separator separator_;
  Clock::time_point loaded_;
};

}  // namespace

std::unique_ptr<Target> open_separate_target(const SeparateTargetOptions& options) {
  return std::make_unique<SeparateTarget>(options);
}

}  // namespace vivace::bench
