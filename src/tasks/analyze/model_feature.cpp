#include "tasks/analyze/model_feature.hpp"

#include <fmt/format.h>

#include <utility>

#include "media/downmix.hpp"

namespace vivace::analyze {
namespace {

using records::FieldType;

records::NamedNumbers named(const std::vector<Tag>& tags) {
  records::NamedNumbers numbers;
  numbers.reserve(tags.size());
  for (const Tag& tag : tags) numbers.emplace_back(tag.name, tag.value);
  return numbers;
}

FieldValue value(records::Value value) {
  FieldValue field;
  field.value = std::move(value);
  return field;
}

class ModelFeature : public Feature {
 public:
  ModelFeature(std::shared_ptr<const Embedder> embedder, int sample_rate, bool curves)
      : embedder_(std::move(embedder)), stream_(embedder_->stream(sample_rate)), curves_(curves) {}

  void push(const Block& block) override {
    if (block.audio.frames == 0) return;
    media::downmix_to_mono(block.audio, mono_);
    stream_.push(mono_);
  }

  Findings finish() override {
    Embedding found = stream_.finish();
    if (found.rows == 0) return {{none(found.note), none(found.note), value(std::int64_t{0})}, {}};
    Findings findings{
        {value(std::move(found.mean)), value(named(found.tags)), value(static_cast<std::int64_t>(found.rows))}, {}};
    if (curves_ && !found.activations.empty()) {
      const EmbedModelInfo& model = embedder_->model();
      findings.curves.push_back({model.name + ".activations", model.row_rate_hz, found.times_s.front(),
                                 model.labels.size(), std::move(found.activations)});
    }
    return findings;
  }

 private:
  std::shared_ptr<const Embedder> embedder_;
  Embedder::Stream stream_;
  bool curves_;
  std::vector<float> mono_;
};

std::vector<FieldInfo> fields(const EmbedModelInfo& model) {
  return {
      {model.name + ".embedding", FieldType::vector, model.dimension, "", "",
       "mean of the model's embeddings over all patches"},
      {model.name + ".tags", FieldType::named_numbers, model.labels.size(), "", "",
       "mean of the activations of each label over all patches, extractor and heads"},
      {model.name + ".rows", FieldType::integer, 0, "", "0 …", "patches that the model saw"},
  };
}

}  // namespace

FeatureInfo model_feature(std::shared_ptr<const Embedder> embedder) {
  const EmbedModelInfo& model = embedder->model();
  FeatureInfo info;
  info.name = info.group = model.name;
  info.description = fmt::format("embeddings and tags by {}", model.name);
  info.configuration = fmt::format("{}, {}, {}", model.sha256, model.front_end, model.resampler);
  info.fields = fields(model);
  info.make = [embedder](const TrackFormat& format, const FeatureOptions& options) -> std::unique_ptr<Feature> {
    return std::make_unique<ModelFeature>(embedder, format.sample_rate, options.curves);
  };
  return info;
}

}  // namespace vivace::analyze
