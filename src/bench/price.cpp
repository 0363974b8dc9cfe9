#include "bench/price.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

constexpr std::pair<std::string_view, Price::Unit> kUnits[] = {
    {"h", Price::Unit::hour},      {"hour", Price::Unit::hour}, {"d", Price::Unit::day},     {"day", Price::Unit::day},
    {"month", Price::Unit::month}, {"mo", Price::Unit::month},  {"year", Price::Unit::year}, {"a", Price::Unit::year}};
constexpr double kMostMoney = 1e12;
constexpr std::size_t kLongestCurrency = 16;

[[noreturn]] void refuse(std::string_view text) {
  throw Error(ErrorCode::invalid_argument,
              fmt::format("'{}' is no price: it must be an amount above 0, a currency before or behind it if you like, "
                          "and /h, /day, /month or /year, as in '2.50/h' or '1500 EUR/month'",
                          text));
}

std::optional<Price::Unit> unit_named(std::string_view name) {
  for (const auto& [known, unit] : kUnits) {
    if (name == known) return unit;
  }
  return std::nullopt;
}

bool is_currency(std::string_view text) {
  return text.size() <= kLongestCurrency && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == 0x7F ||
                  std::string_view("+-.,0123456789/").find(c) != std::string_view::npos;
         });
}

}  // namespace

double Price::per_hour(double hours_per_month) const {
  switch (unit) {
    case Unit::hour: return amount;
    case Unit::day: return amount / 24;
    case Unit::month: return amount / hours_per_month;
    case Unit::year: return amount / (12 * hours_per_month);
  }
  return amount;
}

std::string Price::money(double value) const {
  const double size = std::abs(value);
  const std::string digits = size == 0 || size >= 0.995 ? fmt::format("{:.2f}", value)
                             : size >= 1e-4
                                 ? fmt::format("{:.{}f}", value, 2 - static_cast<int>(std::floor(std::log10(size))))
                                 : fmt::format("{:.3g}", value);
  return before + digits + after;
}

Price parse_price(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  const std::size_t begin = text.find_first_of("0123456789.");
  if (slash == std::string_view::npos || begin == std::string_view::npos || begin > slash) refuse(text);
  const auto unit = unit_named(text.substr(slash + 1));
  Price price;
  const char* const amount_end = text.data() + slash;
  const auto [end, error] = std::from_chars(text.data() + begin, amount_end, price.amount, std::chars_format::fixed);
  if (!unit || error != std::errc() || !(price.amount > 0 && price.amount <= kMostMoney)) refuse(text);
  price.unit = *unit;
  price.before = text.substr(0, begin);
  price.after = std::string(end, amount_end);
  if (!is_currency(price.before) || !is_currency(price.after)) refuse(text);
  return price;
}

}  // namespace vivace::bench
