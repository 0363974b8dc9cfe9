#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vivace::library {

/// Keeps the rows of the highest scores; of equal ones those that were offered first. A score that is not a number is
/// never kept.
template <typename Score>
class BestRows {
 public:
  struct Entry {
    std::size_t row = 0;
    Score score{};
  };

  explicit BestRows(std::size_t count) : count_(count) {}

  /// Whether a score could be kept: a cheap question before a dear one.
  bool wants(Score score) const { return count_ > 0 && (is_full_ ? score > least_ : score == score); }

  /// Rows must be offered in ascending order.
  void offer(std::size_t row, Score score) {
    if (!wants(score)) return;
    entries_.push_back({row, score});
    if (entries_.size() >= 2 * count_) shrink();
  }

  /// The best first.
  std::vector<Entry> sorted() const {
    std::vector<Entry> entries = entries_;
    std::sort(entries.begin(), entries.end(), is_better);
    if (entries.size() > count_) entries.resize(count_);
    return entries;
  }

 private:
  static bool is_better(const Entry& a, const Entry& b) {
    return a.score != b.score ? a.score > b.score : a.row < b.row;
  }

  void shrink() {
    const auto last = entries_.begin() + static_cast<std::ptrdiff_t>(count_) - 1;
    std::nth_element(entries_.begin(), last, entries_.end(), is_better);
    least_ = last->score;
    is_full_ = true;
    entries_.resize(count_);
  }

  std::size_t count_;
  std::vector<Entry> entries_;
  Score least_{};
  bool is_full_ = false;
};

}  // namespace vivace::library
