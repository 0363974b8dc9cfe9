#include "tasks/embed/patch_cutter.hpp"

#include <algorithm>

namespace vivace::embed {

PatchCutter::PatchCutter(const model::Patching& patching, std::size_t bands, std::size_t batch)
    : patching_(patching), bands_(bands), batch_(std::max<std::size_t>(batch, 1)) {}

std::size_t PatchCutter::ready() const {
  const std::size_t present = frames_.size() / bands_;
  if (present < patching_.frames) return 0;
  return std::min(batch_, 1 + (present - patching_.frames) / patching_.hop);
}

std::span<const float> PatchCutter::batch(std::size_t count) {
  const std::span<const float> frames(frames_);
  if (patching_.cut_by == "graph") return frames.first(stretch(count) * bands_);
  const std::size_t patch_size = patching_.frames * bands_;
  copied_.resize(count * patch_size);
  for (std::size_t k = 0; k < count; ++k) {
    const auto patch = frames.subspan(k * patching_.hop * bands_, patch_size);
    std::copy(patch.begin(), patch.end(), copied_.begin() + static_cast<std::ptrdiff_t>(k * patch_size));
  }
  return copied_;
}

void PatchCutter::consume(std::size_t count) {
  const std::size_t used = std::min(count * patching_.hop * bands_, frames_.size());
  frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(used));
}

void PatchCutter::drop_last_frame() { frames_.resize(frames_.size() - std::min(frames_.size(), bands_)); }

}  // namespace vivace::embed
