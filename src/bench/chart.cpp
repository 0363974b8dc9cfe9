#include "bench/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "bench/chart_labels.hpp"
#include "bench/wording.hpp"
#include "page/html.hpp"

namespace vivace::bench {
namespace {

using page::html_table;
using page::html_text;
using page::Marker;
using page::tick_text;

constexpr double kWidth = 760;
constexpr double kLineHeight = 320;
constexpr double kLowestRow = 30;
constexpr double kLabelLineHeight = 14;
constexpr double kTop = 14;
constexpr double kRight = 26;
constexpr double kBottom = 50;
constexpr std::size_t kLabelColumns = 34;
constexpr Marker kMarkers[] = {Marker::circle, Marker::diamond, Marker::triangle, Marker::square};

Marker marker_of(std::size_t kind) { return kMarkers[kind % std::size(kMarkers)]; }

/// The rectangle that values are drawn in.
struct Plot {
  double left = 0;
  double right = kWidth - kRight;
  double top = kTop;
  double bottom = 0;

  double x(const Scale& scale, double value) const { return left + scale.place(value) * (right - left); }
  double y(const Scale& scale, double value) const { return bottom - scale.place(value) * (bottom - top); }
};

Scale scale_of(const ChartAxis& axis, const std::vector<double>& values) {
  double low = std::numeric_limits<double>::max();
  double high = 0;
  for (const double value : values) {
    if (axis.is_logarithmic && value <= 0) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) low = high = 1;
  if (axis.is_logarithmic) return Scale::logarithmic(low, high);
  return Scale::linear(axis.from_zero ? 0 : low, high);
}

void draw_x_axis(SvgDrawing& drawing, const Plot& plot, const ChartAxis& axis, const Scale& scale) {
  for (const double tick : scale.ticks()) {
    const double x = plot.x(scale, tick);
    drawing.line({x, plot.top}, {x, plot.bottom}, "grid");
    drawing.text({x, plot.bottom + 18}, "tick middle", tick_text(tick, axis.unit));
  }
  drawing.line({plot.left, plot.bottom}, {plot.right, plot.bottom}, "axis");
  drawing.text({(plot.left + plot.right) / 2, plot.bottom + 40}, "title middle", axis.title);
}

void draw_y_axis(SvgDrawing& drawing, const Plot& plot, const ChartAxis& axis, const Scale& scale) {
  for (const double tick : scale.ticks()) {
    const double y = plot.y(scale, tick);
    drawing.line({plot.left, y}, {plot.right, y}, "grid");
    drawing.text({plot.left - 8, y + 4}, "tick end", tick_text(tick, axis.unit));
  }
  drawing.upward_text({16, (plot.top + plot.bottom) / 2}, "title middle", axis.title);
}

std::string colour_class(const char* kind, std::size_t colour) {
  return fmt::format("{} c{}", kind, colour % kChartColours);
}

void draw_series(SvgDrawing& drawing, const Plot& plot, const Scale& x, const Scale& y, const LineChart& chart,
                 const Series& series) {
  std::vector<Place> places;
  for (const Point& point : series.points) places.push_back({plot.x(x, point.x), plot.y(y, point.y)});
  drawing.polyline(places, colour_class(series.is_dashed ? "line dashed" : "line", series.colour));
  if (!series.has_markers) return;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Point& point = series.points[i];
    drawing.marker(
        Marker::circle, places[i], colour_class("fill", series.colour),
        fmt::format("{}: {} at {}", series.name, tick_text(point.y, chart.y.unit), tick_text(point.x, chart.x.unit)));
  }
}

void draw_marks(SvgDrawing& drawing, const Plot& plot, const Scale& scale, const RowChart& chart, const ChartRow& row,
                double middle) {
  std::vector<Place> places;
  for (const RowValue& value : row.values) places.push_back({plot.x(scale, value.value), middle});
  drawing.polyline(places, "join");
  for (const RowValue& value : row.values) {
    drawing.marker(marker_of(value.kind), {plot.x(scale, value.value), middle}, colour_class("fill", value.kind),
                   fmt::format("{}, {}: {}", row.name, chart.kinds[value.kind], tick_text(value.value, chart.x.unit)));
  }
}

void draw_stack(SvgDrawing& drawing, const Plot& plot, const Scale& scale, const RowChart& chart, const ChartRow& row,
                double middle) {
  constexpr double kThickness = 18;
  double sum = 0;
  for (const RowValue& value : row.values) {
    const double begin = plot.x(scale, sum);
    sum += value.value;
    drawing.rectangle(
        {begin, middle - kThickness / 2}, plot.x(scale, sum) - begin, kThickness, colour_class("fill", value.kind),
        fmt::format("{}, {}: {}", row.name, chart.kinds[value.kind], tick_text(value.value, chart.x.unit)));
  }
}

struct LegendEntry {
  std::string name;
  std::string drawing;  ///< SVG
};

/// Room for the labels of rows, at about the width of a letter each.
double gutter_of(const std::vector<LabelLines>& labels) {
  constexpr double kLetter = 7;
  constexpr double kNarrowest = 70;
  std::size_t longest = 0;
  for (const LabelLines& lines : labels) {
    for (const std::string& line : lines) longest = std::max(longest, letters_of(line));
  }
  return std::max(kNarrowest, 24 + kLetter * static_cast<double>(longest));
}

/// The height of all rows of a chart, in which the longest label has room.
double row_height_of(const std::vector<LabelLines>& labels) {
  std::size_t most = 0;
  for (const LabelLines& lines : labels) most = std::max(most, lines.size());
  return std::max(kLowestRow, kLabelLineHeight * static_cast<double>(most) + 8);
}

void draw_label(SvgDrawing& drawing, const LabelLines& lines, double right, double middle) {
  const double first = middle + 4 - kLabelLineHeight * (static_cast<double>(lines.size()) - 1) / 2;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    drawing.text({right, first + kLabelLineHeight * static_cast<double>(i)}, "tick end", lines[i]);
  }
}

bool is_used(const RowChart& chart, std::size_t kind) {
  return std::any_of(chart.rows.begin(), chart.rows.end(), [kind](const ChartRow& row) {
    return std::any_of(row.values.begin(), row.values.end(),
                       [kind](const RowValue& value) { return value.kind == kind; });
  });
}

LegendEntry line_legend(const Series& series) {
  SvgDrawing swatch(26, 12);
  swatch.polyline({{1, 6}, {25, 6}}, colour_class(series.is_dashed ? "line dashed" : "line", series.colour));
  return {series.name, swatch.to_svg(series.is_dashed ? "dashed line" : "line")};
}

LegendEntry kind_legend(const RowChart& chart, std::size_t kind) {
  SvgDrawing swatch(14, 12);
  if (chart.is_stacked) {
    swatch.rectangle({1, 0}, 12, 12, colour_class("fill", kind), "");
  } else {
    swatch.marker(marker_of(kind), {7, 6}, colour_class("fill", kind), "");
  }
  return {chart.kinds[kind], swatch.to_svg("mark")};
}

std::string legend_html(const std::vector<LegendEntry>& entries) {
  std::string html = "<ul class=\"legend\">";
  for (const LegendEntry& entry : entries) html += "<li>" + entry.drawing + html_text(entry.name) + "</li>";
  return html + "</ul>\n";
}

std::string figure_html(const ChartText& text, const std::vector<LegendEntry>& legend, const SvgDrawing& drawing) {
  return fmt::format(
      "<figure class=\"chart\">\n<h2>{}</h2>\n<figcaption>{}</figcaption>\n{}{}"
      "<details><summary>Figures as a table</summary>\n{}</details>\n</figure>\n",
      html_text(text.title), html_text(text.caption), legend_html(legend),
      drawing.to_svg(text.title + ". " + text.caption), html_table(text.table_head, text.rows, true));
}

}  // namespace

std::string to_html(const LineChart& chart) {
  std::vector<double> xs;
  std::vector<double> ys;
  for (const Series& series : chart.series) {
    for (const Point& point : series.points) {
      xs.push_back(point.x);
      ys.push_back(point.y);
    }
  }
  if (xs.empty()) return "";
  const Scale x = scale_of(chart.x, xs);
  const Scale y = scale_of(chart.y, ys);
  const Plot plot{78, kWidth - kRight, kTop, kLineHeight - kBottom};
  SvgDrawing drawing(kWidth, kLineHeight);
  draw_y_axis(drawing, plot, chart.y, y);
  draw_x_axis(drawing, plot, chart.x, x);
  std::vector<LegendEntry> legend;
  for (const Series& series : chart.series) {
    draw_series(drawing, plot, x, y, chart, series);
    legend.push_back(line_legend(series));
  }
  return figure_html(chart.text, legend, drawing);
}

std::string to_html(const RowChart& chart) {
  std::vector<double> values;
  for (const ChartRow& row : chart.rows) {
    double sum = 0;
    for (const RowValue& value : row.values) {
      sum += value.value;
      values.push_back(chart.is_stacked ? sum : value.value);
    }
  }
  if (values.empty()) return "";
  const Scale scale = scale_of(chart.x, values);
  std::vector<std::string> names;
  for (const ChartRow& row : chart.rows) names.push_back(row.name);
  const std::vector<LabelLines> labels = row_labels(names, kLabelColumns);
  const double row_height = row_height_of(labels);
  const double height = kTop + row_height * static_cast<double>(chart.rows.size()) + kBottom;
  const Plot plot{gutter_of(labels), kWidth - kRight, kTop, height - kBottom};
  SvgDrawing drawing(kWidth, height);
  draw_x_axis(drawing, plot, chart.x, scale);
  for (std::size_t i = 0; i < chart.rows.size(); ++i) {
    const ChartRow& row = chart.rows[i];
    const double middle = plot.top + row_height * (static_cast<double>(i) + 0.5);
    draw_label(drawing, labels[i], plot.left - 10, middle);
    (chart.is_stacked ? draw_stack : draw_marks)(drawing, plot, scale, chart, row, middle);
  }
  std::vector<LegendEntry> legend;
  for (std::size_t kind = 0; kind < chart.kinds.size(); ++kind) {
    if (is_used(chart, kind)) legend.push_back(kind_legend(chart, kind));
  }
  return figure_html(chart.text, legend, drawing);
}

}  // namespace vivace::bench
