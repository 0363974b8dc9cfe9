#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::model {

/// `key = value` as TOML, with a line end. Texts are quoted; numbers read back as the same double.
std::string text_line(std::string_view key, std::string_view value);
std::string texts_line(std::string_view key, const std::vector<std::string>& values);
std::string real_line(std::string_view key, double value);
std::string reals_line(std::string_view key, const std::vector<double>& values);
std::string count_line(std::string_view key, std::uint64_t value);
std::string flag_line(std::string_view key, bool value);

}  // namespace vivace::model
