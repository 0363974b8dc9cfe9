#include "tasks/separate/toy_models.hpp"

#include <gtest/gtest.h>

namespace vivace::test {

Stems collect(const std::function<SeparationSummary(const StemConsumer&)>& run, std::size_t stems) {
  Stems all{{}, std::vector<std::vector<float>>(stems), std::vector<std::vector<float>>(stems)};
  all.summary = run([&](const StemStretch& stretch) {
    EXPECT_EQ(stretch.position, signed_size(all.left.front().size()));
    for (std::size_t i = 0; i < stems; ++i) {
      const auto left = stretch.channel(i, 0);
      const auto right = stretch.channel(i, 1);
      all.left[i].insert(all.left[i].end(), left.begin(), left.end());
      all.right[i].insert(all.right[i].end(), right.begin(), right.end());
    }
  });
  return all;
}

Stems separate(const SeparateOptions& options, const std::vector<float>& left, const std::vector<float>& right) {
  const Separator separator(options);
  std::vector<float> samples = left;
  samples.insert(samples.end(), right.begin(), right.end());
  return collect([&](const StemConsumer& consume) { return separator.separate(samples, consume); },
                 separator.model().stems.size());
}

}  // namespace vivace::test
