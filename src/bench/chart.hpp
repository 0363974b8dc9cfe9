#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "page/scale.hpp"
#include "page/svg.hpp"

namespace vivace::bench {

using page::Place;
using page::Scale;
using page::SvgDrawing;
using page::Unit;

/// Colours that a chart can tell apart.
inline constexpr std::size_t kChartColours = 8;

struct ChartAxis {
  std::string title;
  Unit unit = Unit::plain;
  bool is_logarithmic = false;
  bool from_zero = false;
};

struct Point {
  double x = 0;
  double y = 0;
};

/// A line of a chart.
struct Series {
  std::string name;
  std::size_t colour = 0;  ///< below kChartColours
  bool is_dashed = false;
  bool has_markers = false;
  std::vector<Point> points;
};

/// What a chart and its text stand for, besides its drawing.
struct ChartText {
  std::string title;
  std::string caption;                         ///< how to read it
  std::vector<std::string> table_head;         ///< the same figures as text
  std::vector<std::vector<std::string>> rows;  ///< of that table
};

struct LineChart {
  ChartText text;
  ChartAxis x;
  ChartAxis y;
  std::vector<Series> series;
};

/// A part of a bar, or a mark on a row.
struct RowValue {
  std::size_t kind = 0;  ///< index into `kinds`
  double value = 0;
};

struct ChartRow {
  std::string name;
  std::vector<RowValue> values;
};

/// A row a name: stacked bars, or marks joined by a line.
struct RowChart {
  ChartText text;
  ChartAxis x;
  std::vector<std::string> kinds;  ///< names of the parts or marks
  bool is_stacked = false;
  std::vector<ChartRow> rows;
};

/// A figure of HTML: heading, legend, drawing, table. Empty where there is nothing to draw.
std::string to_html(const LineChart& chart);
std::string to_html(const RowChart& chart);

}  // namespace vivace::bench
