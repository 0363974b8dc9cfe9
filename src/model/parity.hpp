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
  bool finite = true;   ///< no number of either side is NaN or infinite
  double cosine = 1;    ///< 1 for two rows of zeros; 0 where one alone is zero, and for rows that are not finite
  double max_abs = 0;   ///< largest absolute difference; infinite for rows that are not finite, also where both are NaN
  double mean_abs = 0;  ///< likewise
};

/// How far one output of two models is apart over all rows. Value type.
struct OutputParity {
  std::string output;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t not_finite = 0;  ///< rows with NaN or infinity on either side; they are no part of means
  double cosine_min = 1;
  double cosine_mean = 1;  ///< 0 where no row is finite
  double max_abs = 0;
  double mean_abs = 0;    ///< infinite where no row is finite
  RowDifference worst{};  ///< the row with the largest absolute difference, the first of these
};

/// Two models, or one on two placements, side by side.
struct ModelComparison {
  std::string placement_a;  ///< where each ran, e.g. "onnxruntime/cpu"
  std::string placement_b;
  std::vector<OutputParity> outputs;
};

/// Compares two rows of the same length.
RowDifference difference(std::span<const double> a, std::span<const double> b);

/// Gathers the parity of one output, rows by rows.
class ParityMeter {
 public:
  explicit ParityMeter(std::string output) { parity_.output = std::move(output); }

  /// Adds rows of `columns` numbers each, row-major. Throws Error(model_mismatch) where the two sides have different
  /// numbers of rows or columns, or columns change.
  void add(const std::string& origin, std::span<const double> a, std::size_t columns_a, std::span<const double> b,
           std::size_t columns_b);
  void add(const std::string& origin, std::span<const float> a, std::size_t columns_a, std::span<const float> b,
           std::size_t columns_b);

  OutputParity result() const;

 private:
  OutputParity parity_;
  double cosine_sum_ = 0;
  double mean_abs_sum_ = 0;
};

}  // namespace vivace::model
