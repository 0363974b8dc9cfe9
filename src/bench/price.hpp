#pragma once

#include <string>
#include <string_view>

namespace vivace::bench {

/// What a machine costs for a time.
struct Price {
  enum class Unit { hour, day, month, year };

  double amount = 0;
  Unit unit = Unit::hour;
  std::string before;  ///< the currency as it was written: "$", "EUR "
  std::string after;   ///< " EUR"

  double per_hour(double hours_per_month) const;
  bool same_currency(const Price& other) const { return before == other.before && after == other.after; }
  /// An amount of this currency: "$2.50", "0.00031 EUR".
  std::string money(double value) const;
};

/// Hours that a month is counted as, unless told otherwise.
inline constexpr double kHoursPerMonth = 730;

/// Reads "2.50/h", "$2.50/hour", "1500 EUR/month", "36/day", "18000/year". A currency is kept as it is written, before
/// or behind the amount. Throws Error(invalid_argument).
Price parse_price(std::string_view text);

}  // namespace vivace::bench
