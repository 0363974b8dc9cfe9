#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace vivace::model {

/// How far one row of numbers is from another.
struct RowDifference {
  std::string origin;   ///< where the row comes from, e.g. a file
  std::size_t row = 0;  ///< its number there
  double cosine = 1;    ///< 1 for two rows of zeros; 0 where one alone is zero
  double max_abs = 0;   ///< largest absolute difference; infinite where a number is not finite in one alone
  double mean_abs = 0;
};

/// How far one output of two models is apart over all rows. Value type.
struct OutputParity {
  std::string output;
  std::size_t rows = 0;
  std::size_t columns = 0;
  double cosine_min = 1;
  double cosine_mean = 1;
  double max_abs = 0;
  double mean_abs = 0;
  RowDifference worst{};  ///< the row with the largest absolute difference
};

/// Two models, or one on two placements, side by side.
struct ModelComparison {
  std::string placement_a;  ///< where each ran, e.g. "onnxruntime/cpu"
  std::string placement_b;
  std::vector<OutputParity> outputs;
};

/// Compares two rows of the same length.
RowDifference difference(std::span<const float> a, std::span<const float> b);

/// Gathers the parity of one output, rows by rows.
class ParityMeter {
 public:
  explicit ParityMeter(std::string output) { parity_.output = std::move(output); }

  /// Adds rows of `columns` numbers each, row-major. Throws Error(model_mismatch) where the two sides have different
  /// numbers of rows or columns, or columns change.
  void add(const std::string& origin, std::span<const float> a, std::size_t columns_a, std::span<const float> b,
           std::size_t columns_b);

  OutputParity result() const;

 private:
  OutputParity parity_;
  double cosine_sum_ = 0;
  double mean_abs_sum_ = 0;
};

}  // namespace vivace::model
