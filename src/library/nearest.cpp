#include "library/nearest.hpp"

#include <algorithm>
#include <array>

#include "library/best_rows.hpp"
#include "library/parts.hpp"

namespace vivace::library {
namespace {

constexpr std::size_t kBlock = 1024;            // rows whose scores are computed at once
constexpr std::size_t kLeastCandidates = 2048;  // that are compared exactly
constexpr std::size_t kCandidatesEach = 16;     // a neighbour that is wanted

/// The best of all parts, by row.
template <typename Score>
std::vector<std::size_t> rows_of_best(const std::vector<BestRows<Score>>& parts, std::size_t count) {
  std::vector<typename BestRows<Score>::Entry> all;
  for (const BestRows<Score>& part : parts) {
    const auto entries = part.sorted();
    all.insert(all.end(), entries.begin(), entries.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  if (all.size() > count) all.resize(count);
  std::vector<std::size_t> rows;
  rows.reserve(all.size());
  for (const auto& entry : all) rows.push_back(entry.row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<std::size_t> candidates(std::span<const std::int8_t> codes, std::span<const std::int8_t> code,
                                    std::size_t count, std::span<const std::uint8_t> allowed) {
  std::vector<BestRows<std::int32_t>> parts(most_parts(), BestRows<std::int32_t>(count));
  in_parts(allowed.size(), [&](std::size_t part, std::size_t begin, std::size_t end) {
    std::array<std::int32_t, kBlock> scores;
    for (std::size_t first = begin; first < end; first += kBlock) {
      const std::size_t rows = std::min(kBlock, end - first);
      score_codes(codes.subspan(first * code.size(), rows * code.size()), code, std::span(scores).first(rows));
      for (std::size_t i = 0; i < rows; ++i) {
        if (parts[part].wants(scores[i]) && allowed[first + i] != 0) parts[part].offer(first + i, scores[i]);
      }
    }
  });
  return rows_of_best(parts, count);
}

std::vector<Neighbour> sorted_neighbours(const BestRows<float>& best) {
  std::vector<Neighbour> neighbours;
  for (const auto& entry : best.sorted()) neighbours.push_back({entry.row, entry.score});
  return neighbours;
}

std::vector<Neighbour> best_of(const UnitVectors& vectors, std::span<const float> query, std::size_t count,
                               const std::vector<std::size_t>& rows) {
  BestRows<float> best(count);
  for (const std::size_t row : rows) best.offer(row, dot(vectors.row(row), query));
  return sorted_neighbours(best);
}

}  // namespace

std::vector<Neighbour> nearest_exactly(const UnitVectors& vectors, std::span<const float> query, std::size_t count,
                                       std::span<const std::uint8_t> allowed) {
  std::vector<BestRows<float>> parts(most_parts(), BestRows<float>(count));
  in_parts(vectors.rows(), [&](std::size_t part, std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      if (allowed[row] != 0) parts[part].offer(row, dot(vectors.row(row), query));
    }
  });
  return best_of(vectors, query, count, rows_of_best(parts, count));
}

std::vector<Neighbour> nearest_by_codes(const UnitVectors& vectors, const CodeBasis& basis,
                                        std::span<const std::int8_t> codes, std::span<const float> query,
                                        std::size_t count, std::span<const std::uint8_t> allowed) {
  const std::vector<std::int8_t> code = encode_query(basis, query);
  const std::size_t wanted = std::max(kLeastCandidates, kCandidatesEach * count);
  return best_of(vectors, query, count, candidates(codes, code, wanted, allowed));
}

}  // namespace vivace::library
