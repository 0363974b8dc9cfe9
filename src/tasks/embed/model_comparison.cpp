#include "tasks/embed/model_comparison.hpp"

namespace vivace::embed {

model::ModelComparison compare_models(const EmbedOptions& a, const EmbedOptions& b,
                                      const std::vector<std::filesystem::path>& files) {
  const Embedder embedder_a(a);
  const Embedder embedder_b(b);
  model::ParityMeter embeddings("embeddings");
  model::ParityMeter activations("activations");
  for (const std::filesystem::path& file : files) {
    const Embedding result_a = embedder_a.embed_file(file);
    const Embedding result_b = embedder_b.embed_file(file);
    embeddings.add(file.string(), result_a.embeddings, result_a.dimension, result_b.embeddings, result_b.dimension);
    activations.add(file.string(), result_a.activations, embedder_a.model().labels.size(), result_b.activations,
                    embedder_b.model().labels.size());
  }
  return {embedder_a.model().placement, embedder_b.model().placement, {embeddings.result(), activations.result()}};
}

}  // namespace vivace::embed
