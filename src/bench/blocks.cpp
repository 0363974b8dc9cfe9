#include "bench/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "bench/percentile.hpp"

namespace vivace::bench {
namespace {

constexpr std::size_t kMostBlocks = 32;
constexpr std::size_t kFewestBlocks = 8;
constexpr std::size_t kFewestIndependent = 4;
constexpr std::size_t kFewestRequestsOfBlock = 4;

/// One figure a block, e.g. its mean response time.
using BlockSeries = std::vector<double>;

std::vector<Sample> answered_in_order(const Run& run) {
  std::vector<Sample> answered;
  answered.reserve(run.samples.size());
  std::copy_if(run.samples.begin(), run.samples.end(), std::back_inserter(answered),
               [](const Sample& sample) { return !sample.failed; });
  std::stable_sort(answered.begin(), answered.end(),
                   [](const Sample& a, const Sample& b) { return a.done_s < b.done_s; });
  return answered;
}

std::size_t block_of(std::size_t index, std::size_t count, std::size_t blocks) { return index * blocks / count; }

/// Into how many blocks requests are cut where these are independent of each other.
std::size_t finest_block_count(const std::vector<Sample>& ordered) {
  return std::min(kMostBlocks, ordered.size() / kFewestRequestsOfBlock);
}

/// Seconds between the last answers of neighbouring blocks.
std::vector<double> block_seconds(const std::vector<Sample>& ordered, std::size_t blocks) {
  std::vector<double> ends(blocks, 0);
  for (std::size_t i = 0; i < ordered.size(); ++i) ends[block_of(i, ordered.size(), blocks)] = ordered[i].done_s;
  std::vector<double> seconds(blocks);
  std::adjacent_difference(ends.begin(), ends.end(), seconds.begin());
  return seconds;
}

/// Means of the logarithms of a time in each block.
template <typename Time>
BlockSeries mean_logarithms(const std::vector<Sample>& ordered, std::size_t blocks, Time&& time) {
  constexpr double kShortest = 1e-9;
  BlockSeries sums(blocks, 0);
  std::vector<double> counts(blocks, 0);
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const std::size_t block = block_of(i, ordered.size(), blocks);
    sums[block] += std::log(std::max(time(ordered[i]), kShortest));
    ++counts[block];
  }
  for (std::size_t block = 0; block < blocks; ++block) sums[block] /= counts[block];
  return sums;
}

/// How many of the slowest tenth of all requests are in each block.
BlockSeries slow_requests(const std::vector<Sample>& ordered, std::size_t blocks) {
  std::vector<double> times;
  times.reserve(ordered.size());
  for (const Sample& sample : ordered) times.push_back(sample.response_s());
  std::vector<double> ascending = times;
  std::sort(ascending.begin(), ascending.end());
  const double slow = nearest_rank(ascending, 0.9);
  BlockSeries counts(blocks, 0);
  for (std::size_t i = 0; i < times.size(); ++i) counts[block_of(i, times.size(), blocks)] += times[i] > slow ? 1 : 0;
  return counts;
}

/// The correlation of a series with itself one step later; 0 for a constant one.
double lag_one_correlation(const BlockSeries& series) {
  const double mean = std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(series.size());
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    squares += (series[i] - mean) * (series[i] - mean);
    if (i > 0) products += (series[i] - mean) * (series[i - 1] - mean);
  }
  return squares > 0 ? products / squares : 0;
}

/// How many independent values tell as much of the mean as a series does. Its neighbours count as correlated where
/// those of independent values would be so in less than 5 % of cases: of N values the correlation has the mean -1/N and
/// the variance 1/N (Kendall and Stuart, 48.1). A correlation r, which is underestimated by (1 + 3 r) / N (Kendall,
/// 1954), leaves N (1 - r) / (1 + r) of them.
double independent_values(const BlockSeries& series) {
  constexpr double kOneSided5Percent = 1.645;
  const auto count = static_cast<double>(series.size());
  const double measured = lag_one_correlation(series);
  if (measured <= kOneSided5Percent / std::sqrt(count) - 1 / count) return count;
  const double correlation = std::min((count * measured + 1) / (count - 3), 1.0);
  return count * (1 - correlation) / (1 + correlation);
}

double independent_blocks(const std::vector<Sample>& ordered, std::size_t blocks) {
  return std::min({independent_values(mean_logarithms(ordered, blocks, [](const Sample& s) { return s.response_s(); })),
                   independent_values(mean_logarithms(ordered, blocks, [](const Sample& s) { return s.service_s(); })),
                   independent_values(slow_requests(ordered, blocks)),
                   independent_values(block_seconds(ordered, blocks))});
}

BlockedRun gather(const std::vector<Sample>& samples, const std::vector<std::uint32_t>& blocks,
                  std::vector<double> seconds) {
  std::vector<double> response;
  std::vector<double> service;
  std::vector<double> items(seconds.size(), 0);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    response.push_back(samples[i].response_s());
    service.push_back(samples[i].service_s());
    items[blocks[i]] += samples[i].items;
  }
  const std::size_t count = seconds.size();
  return {count,
          BlockedValues(response, blocks, count),
          BlockedValues(service, blocks, count),
          std::move(items),
          std::move(seconds),
          false};
}

double weighted_sum(const std::vector<double>& values, BlockWeights weights) {
  double sum = 0;
  for (std::size_t block = 0; block < values.size(); ++block) sum += weights[block] * values[block];
  return sum;
}

}  // namespace

BlockedValues::BlockedValues(const std::vector<double>& values, const std::vector<std::uint32_t>& blocks,
                             std::size_t block_count)
    : sums_(block_count, 0), counts_(block_count, 0), block_count_(block_count) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  constexpr std::size_t kRows = 256;
  stride_ = values.size() / kRows + 1;
  std::vector<std::uint32_t> so_far(block_count, 0);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    if (rank % stride_ == 0) before_.insert(before_.end(), so_far.begin(), so_far.end());
    const std::uint32_t block = blocks[order[rank]];
    values_.push_back(values[order[rank]]);
    blocks_.push_back(block);
    ++so_far[block];
    sums_[block] += values_.back();
    ++counts_[block];
  }
}

std::uint64_t BlockedValues::count_before(std::size_t row, BlockWeights weights) const {
  std::uint64_t count = 0;
  for (std::size_t block = 0; block < block_count_; ++block) {
    count += std::uint64_t{weights[block]} * before_[row * block_count_ + block];
  }
  return count;
}

double BlockedValues::quantile(BlockWeights weights, double share) const {
  const double total = weighted_sum(counts_, weights);
  if (total == 0) return 0;
  const auto target = static_cast<std::uint64_t>(std::max(std::ceil(share * total - 1e-9), 1.0));
  std::size_t row = 0;
  for (std::size_t end = before_.size() / block_count_; end - row > 1;) {
    const std::size_t middle = (row + end) / 2;
    (count_before(middle, weights) < target ? row : end) = middle;
  }
  std::uint64_t count = count_before(row, weights);
  std::size_t rank = row * stride_;
  while ((count += weights[blocks_[rank]]) < target) ++rank;
  return values_[rank];
}

double BlockedValues::mean(BlockWeights weights) const {
  const double total = weighted_sum(counts_, weights);
  return total == 0 ? 0 : weighted_sum(sums_, weights) / total;
}

double BlockedRun::statistic(const Metric& metric, BlockWeights weights) const {
  if (metric.kind == Metric::Kind::rate) {
    const double time = weighted_sum(seconds, weights);
    return time > 0 ? weighted_sum(items, weights) / time : 0;
  }
  const BlockedValues& values = metric.clock == CountedFrom::service ? service : response;
  return metric.kind == Metric::Kind::mean ? values.mean(weights) : values.quantile(weights, metric.share);
}

std::size_t automatic_block_count(const Run& run) {
  const std::vector<Sample> ordered = answered_in_order(run);
  const std::size_t blocks = finest_block_count(ordered);
  if (blocks < kFewestBlocks) return 0;
  return std::max(kFewestIndependent, static_cast<std::size_t>(independent_blocks(ordered, blocks)));
}

BlockedRun cut_evenly(const Run& run, std::size_t blocks) {
  const std::vector<Sample> ordered = answered_in_order(run);
  std::vector<std::uint32_t> block_of_sample;
  block_of_sample.reserve(ordered.size());
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    block_of_sample.push_back(static_cast<std::uint32_t>(block_of(i, ordered.size(), blocks)));
  }
  BlockedRun cut = gather(ordered, block_of_sample, block_seconds(ordered, blocks));
  cut.correlated = blocks < finest_block_count(ordered);
  return cut;
}

BlockedRun cut_by_slices(const Run& run) {
  constexpr double kRounding = 1e-9;  // times of samples are kept in whole nanoseconds
  const std::vector<double>& ends = run.slice_ends_s;
  const std::vector<Sample> answered = answered_in_order(run);
  std::vector<std::uint32_t> block_of_sample;
  block_of_sample.reserve(answered.size());
  for (const Sample& sample : answered) {
    const auto after = std::upper_bound(ends.begin(), std::prev(ends.end()), sample.sent_s + kRounding);
    block_of_sample.push_back(static_cast<std::uint32_t>(after - ends.begin()));
  }
  std::vector<double> seconds(ends.size());
  std::adjacent_difference(ends.begin(), ends.end(), seconds.begin());
  return gather(answered, block_of_sample, std::move(seconds));
}

}  // namespace vivace::bench
