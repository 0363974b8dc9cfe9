#include "bench/embed_target.hpp"

#include <chrono>
#include <utility>

#include "base/sha256.hpp"
#include "bench/placement_settings.hpp"

namespace vivace::bench {
namespace {

using Clock = std::chrono::steady_clock;

class EmbedTarget : public Target {
 public:
  explicit EmbedTarget(const EmbedTargetOptions& options)
      : options_(options), begin_(Clock::now()), embedder_(options.embed), loaded_(Clock::now()) {
    if (options.tracks.empty()) throw Error(ErrorCode::invalid_argument, options.name, "holds no audio files");
  }

  std::string description() const override { return "embed " + options_.name; }

  std::map<std::string, std::string> settings() const override {
    auto settings = placement_settings(options_.embed.placement, embedder_.model().placement);
    settings.insert({{"model", options_.embed.model}, {"batch", std::to_string(options_.embed.batch)}});
    return settings;
  }

  std::vector<std::string> stages() const override { return {"decode", "resample", "mel", "model"}; }
  double load_s() const override { return std::chrono::duration<double>(loaded_ - begin_).count(); }
  std::string model_sha256() const override { return embedder_.model().sha256; }

  std::string input_sha256() const override { return options_.input_sha256; }
  std::size_t inputs() const override { return options_.tracks.size(); }
  std::vector<std::string> notes() const override { return {}; }

  Answer send(std::size_t index, std::size_t samples) override {
    Answer answer;
    answer.items = static_cast<std::uint32_t>(samples);
    for (std::size_t i = 0; i < samples; ++i) {
      const Embedding embedding = embedder_.embed_file(options_.tracks[(index * samples + i) % options_.tracks.size()]);
      const StageSeconds& seconds = embedding.seconds;
      answer.audio_s += embedding.duration_s;
      const std::array stages{seconds.decode, seconds.resample, seconds.mel, seconds.model};
      for (std::size_t k = 0; k < stages.size(); ++k) answer.stage_s[k] += stages[k];
    }
    return answer;
  }

 private:
  EmbedTargetOptions options_;
  Clock::time_point begin_;
  Embedder embedder_;
  Clock::time_point loaded_;
};

}  // namespace

std::string sha256_of_tracks(const std::vector<std::filesystem::path>& tracks) {
  base::Sha256 digest;
  for (const auto& track : tracks) digest.update(base::sha256_of_file(track));
  return digest.finish();
}

std::unique_ptr<Target> open_embed_target(const EmbedTargetOptions& options) {
  return std::make_unique<EmbedTarget>(options);
}

}  // namespace vivace::bench
