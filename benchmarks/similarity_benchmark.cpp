// How fast and how well similar tracks are found: `similarity_benchmark [ROWS] [DIMENSION]` makes vectors that lie in
// clusters as embeddings do, and prints the time of a query and how many of the 20 nearest are found.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "library/nearest.hpp"
#include "library/parts.hpp"

namespace {

using namespace vivace::library;

constexpr std::size_t kNeighbours = 20;
constexpr std::size_t kQueries = 100;

/// Vectors that are made up.
struct Kind {
  const char* name;
  std::size_t clusters;
  std::size_t latent;  ///< directions in which tracks differ
  float noise;         ///< in all dimensions
};

/// Unit vectors: tracks scatter around clusters of very different sizes in a space of some directions, of which
/// the later ones matter less; a layer with a rectifier, as networks end with, and noise in all dimensions follow.
std::vector<float> clustered(std::size_t rows, std::size_t dimension, const Kind& kind) {
  const std::size_t latent = kind.latent;
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> centres(kind.clusters * latent);
  for (std::size_t i = 0; i < centres.size(); ++i) {
    centres[i] = normal(random) / std::sqrt(1 + static_cast<float>(i % latent) / 8);
  }
  std::vector<float> weights(dimension * latent);
  for (float& weight : weights) weight = normal(random) / std::sqrt(static_cast<float>(latent));
  std::vector<float> vectors(rows * dimension);
  in_parts(rows, [&](std::size_t part, std::size_t begin, std::size_t end) {
    std::mt19937 own(static_cast<unsigned>(part) + 100);
    std::normal_distribution<float> scatter;
    std::uniform_real_distribution<float> uniform;
    std::vector<float> place(latent);
    for (std::size_t row = begin; row < end; ++row) {
      const float chosen = uniform(own);
      const auto cluster = static_cast<std::size_t>(chosen * chosen * static_cast<float>(kind.clusters - 1));
      for (std::size_t i = 0; i < latent; ++i) {
        place[i] = centres[cluster * latent + i] + 0.5F * scatter(own) / std::sqrt(1 + static_cast<float>(i) / 8);
      }
      const std::span<float> vector = std::span(vectors).subspan(row * dimension, dimension);
      for (std::size_t i = 0; i < dimension; ++i) {
        const float sum = dot(std::span(weights).subspan(i * latent, latent), place);
        vector[i] = std::max(sum + 0.2F, 0.0F) + kind.noise * scatter(own);
      }
      normalise(vector);
    }
  });
  return vectors;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

template <typename Search>
std::vector<std::set<std::size_t>> measure(const std::string& name, const UnitVectors& vectors, const Search& search) {
  std::vector<std::set<std::size_t>> found;
  std::vector<double> times;
  for (std::size_t i = 0; i < kQueries; ++i) {
    const auto query = vectors.row(i * vectors.rows() / kQueries);
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Neighbour> neighbours = search(query);
    times.push_back(milliseconds_since(start));
    auto& rows = found.emplace_back();
    for (const Neighbour& neighbour : neighbours) rows.insert(neighbour.row);
  }
  std::sort(times.begin(), times.end());
  fmt::print("{:<10} ms a query: fastest {:.2f}, median {:.2f}, 95 % {:.2f}\n", name, times.front(),
             times[kQueries / 2], times[kQueries * 95 / 100]);
  return found;
}

void run(std::size_t rows, std::size_t dimension, const Kind& kind) {
  const std::vector<float> values = clustered(rows, dimension, kind);
  const UnitVectors vectors{values, dimension};
  const auto start = std::chrono::steady_clock::now();
  const CodeBasis basis = choose_basis(vectors);
  const std::vector<std::int8_t> codes = encode(basis, vectors);
  fmt::print("{}: {} vectors of {}, codes of {} bytes made in {:.1f} s, {} cores\n", kind.name, rows, dimension,
             basis.stride, milliseconds_since(start) / 1000, most_parts());
  const std::vector<std::uint8_t> allowed(rows, 1);
  const auto exact = measure("exact", vectors, [&](std::span<const float> query) {
    return nearest_exactly(vectors, query, kNeighbours, allowed);
  });
  const auto by_codes = measure("by codes", vectors, [&](std::span<const float> query) {
    return nearest_by_codes(vectors, basis, codes, query, kNeighbours, allowed);
  });
  std::size_t hits = 0;
  for (std::size_t i = 0; i < kQueries; ++i) {
    for (const std::size_t row : by_codes[i]) hits += exact[i].count(row);
  }
  fmt::print("recall@{} {:.4f}\n\n", kNeighbours, static_cast<double>(hits) / (kNeighbours * kQueries));
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t dimension = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200;
  run(rows, dimension, {"clusters in few directions", 2000, 32, 0.02F});
  run(rows, dimension, {"clusters in many directions", 2000, 96, 0.1F});
  run(rows, dimension, {"one cluster", 1, 32, 0.02F});
  run(rows, dimension, {"clusters under noise", 2000, 96, 0.5F});
}
