#include "base/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vivace::base {
namespace {

constexpr unsigned kBitsOfBucket = 6;  // 64 buckets to a power of two

}  // namespace

std::size_t HistogramCounts::bucket_of(std::uint64_t value) {
  if (value < (2U << kBitsOfBucket)) return static_cast<std::size_t>(value);
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBitsOfBucket - 1;
  return (static_cast<std::size_t>(shift) << kBitsOfBucket) + static_cast<std::size_t>(value >> shift);
}

double HistogramCounts::middle_of(std::size_t bucket) {
  if (bucket < (2U << kBitsOfBucket)) return static_cast<double>(bucket);
  const auto shift = static_cast<int>(bucket >> kBitsOfBucket) - 1;
  const auto mantissa = static_cast<double>(bucket - (static_cast<std::size_t>(shift) << kBitsOfBucket));
  return std::ldexp(mantissa + 0.5, shift) - 0.5;
}

void HistogramCounts::add(std::size_t bucket, std::uint64_t count) {
  counts_[bucket] += count;
  count_ += count;
}

void HistogramCounts::merge(const HistogramCounts& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

double HistogramCounts::mean() const {
  if (count_ == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] > 0) sum += static_cast<double>(counts_[i]) * middle_of(i);
  }
  return sum / static_cast<double>(count_);
}

double HistogramCounts::quantile(double share) const {
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return middle_of(i);
  }
  return 0;
}

HistogramCounts Histogram::snapshot() const {
  HistogramCounts counts;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const std::uint64_t count = counts_[i].load(std::memory_order_relaxed);
    if (count > 0) counts.add(i, count);
  }
  return counts;
}

}  // namespace vivace::base
