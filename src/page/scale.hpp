#pragma once

#include <string>
#include <vector>

namespace vivace::page {

/// What the numbers of an axis are.
enum class Unit { seconds, rate, percent, plain };

/// The text of a round number at an axis: "2 ms", "1.5 k", "50 %".
std::string tick_text(double value, Unit unit);

/// Where values stand on an axis whose ends are round numbers.
class Scale {
 public:
  /// From the largest multiple of a round step not above `low` to the smallest one not below `high`.
  static Scale linear(double low, double high);
  /// The same by powers of ten and their multiples by 2 and 5; `low` > 0.
  static Scale logarithmic(double low, double high);

  /// 0 at the low end, 1 at the high end.
  double place(double value) const;
  /// Ascending, both ends included; between them 1, 2 or 5 times a power of ten apart.
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  Scale(std::vector<double> ticks, bool is_logarithmic) : ticks_(std::move(ticks)), is_logarithmic_(is_logarithmic) {}

  std::vector<double> ticks_;
  bool is_logarithmic_;
};

}  // namespace vivace::page
