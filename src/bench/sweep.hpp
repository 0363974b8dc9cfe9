#pragma once

#include <string>
#include <utility>
#include <vector>

namespace vivace::bench {

/// A setting and the values that it takes.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};

/// Settings with a value each, in the order of the axes.
using Setting = std::vector<std::pair<std::string, std::string>>;

/// Reads "batch=1,2,4". Throws Error(invalid_argument), also where a value is there twice.
Axis parse_axis(const std::string& text);

/// Reads "backend=openvino,threads=2". Throws Error(invalid_argument).
Setting parse_setting(const std::string& text);

/// Every combination of values, the last axis changing fastest; one empty setting without axes. Throws
/// Error(invalid_argument) where two axes have one name.
std::vector<Setting> combinations(const std::vector<Axis>& axes);

/// "batch=4 threads=1"; empty for no setting.
std::string to_text(const Setting& setting);

}  // namespace vivace::bench
