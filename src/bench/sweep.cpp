#include "bench/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "vivace/error.hpp"

namespace vivace::bench {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// The value that stands twice in a list; nothing where none does.
const std::string* find_twice(const std::vector<std::string>& values) {
  std::set<std::string> seen;
  const auto twice =
      std::find_if(values.begin(), values.end(), [&](const std::string& value) { return !seen.insert(value).second; });
  return twice == values.end() ? nullptr : &*twice;
}

/// Name and value around the first equals sign, neither of them empty.
std::pair<std::string, std::string> parse_pair(const std::string& text, const char* advice) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(ErrorCode::invalid_argument, text, advice);
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const auto [name, values] = parse_pair(text, "is no sweep; write it as batch=1,2,4");
  Axis axis{name, split(values, ',')};
  if (std::any_of(axis.values.begin(), axis.values.end(), [](const auto& value) { return value.empty(); })) {
    throw Error(ErrorCode::invalid_argument, text, "has an empty value");
  }
  if (const std::string* twice = find_twice(axis.values)) {
    throw Error(ErrorCode::invalid_argument, text, fmt::format("has the value {} twice; name it once", *twice));
  }
  return axis;
}

Setting parse_setting(const std::string& text) {
  Setting setting;
  for (const std::string& part : split(text, ',')) {
    setting.push_back(parse_pair(part, "is no setting; write it as backend=openvino,threads=2"));
  }
  return setting;
}

std::vector<Setting> combinations(const std::vector<Axis>& axes) {
  std::vector<std::string> names;
  for (const Axis& axis : axes) names.push_back(axis.name);
  if (const std::string* twice = find_twice(names)) {
    throw Error(ErrorCode::invalid_argument, *twice, "is swept twice; give all its values in one list");
  }
  std::vector<Setting> settings{{}};
  for (const Axis& axis : axes) {
    std::vector<Setting> longer;
    for (const Setting& setting : settings) {
      for (const std::string& value : axis.values) {
        longer.push_back(setting);
        longer.back().emplace_back(axis.name, value);
      }
    }
    settings = std::move(longer);
  }
  return settings;
}

std::string to_text(const Setting& setting) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : setting) parts.push_back(name + "=" + value);
  return fmt::format("{}", fmt::join(parts, " "));
}

}  // namespace vivace::bench
