#include "library/report_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "library/musical_key.hpp"
#include "page/html.hpp"
#include "page/scale.hpp"
#include "page/svg.hpp"

namespace vivace::library {
namespace {

using page::Place;
using page::Scale;
using page::SvgDrawing;

constexpr double kWidth = 760;
constexpr double kHeight = 240;
constexpr double kMapSize = 700;
constexpr double kLeft = 60;
constexpr double kRight = kWidth - 20;
constexpr double kTop = 14;
constexpr double kBottom = kHeight - 46;
constexpr std::size_t kTagColours = 7;  // the last colour is for all other tags
constexpr std::size_t kOther = kTagColours;
constexpr double kBars = 30;
constexpr int kHours = 12;  // on the Camelot wheel

using Table = std::vector<std::vector<std::string>>;

std::string colour(std::size_t index) { return fmt::format("fill c{}", index); }

std::string figure(const std::string& title, const std::string& caption, const std::string& legend,
                   const SvgDrawing& drawing, const std::string& table) {
  const std::string details =
      table.empty() ? "" : "<details><summary>Figures as a table</summary>\n" + table + "</details>\n";
  return fmt::format("<figure class=\"chart\">\n<h2>{}</h2>\n<figcaption>{}</figcaption>\n{}{}{}</figure>\n",
                     page::html_text(title), page::html_text(caption), legend, drawing.to_svg(title + ". " + caption),
                     details);
}

/// The tags that most points have, those of the most first.
std::vector<std::pair<std::string, std::size_t>> common_tags(const std::vector<MapPoint>& points) {
  std::map<std::string, std::size_t> counts;
  for (const MapPoint& point : points) {
    if (!point.tag.empty()) ++counts[point.tag];
  }
  std::vector<std::pair<std::string, std::size_t>> tags(counts.begin(), counts.end());
  std::stable_sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return tags;
}

std::string legend_entry(std::size_t index, const std::string& name) {
  SvgDrawing swatch(14, 12);
  swatch.marker(page::Marker::circle, {7, 6}, colour(index), "");
  return "<li>" + swatch.to_svg("point") + page::html_text(name) + "</li>";
}

/// A range of numbers and how many lie in it.
struct Bar {
  double low = 0;
  double high = 0;
  std::size_t tracks = 0;
};

/// About kBars bars of a round width, from the 0.5th to the 99.5th percentile.
std::vector<Bar> bars_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t cut = values.size() / 200;
  const double low = values[cut];
  const double high = values[values.size() - 1 - cut];
  double width = high > low ? std::pow(10, std::floor(std::log10((high - low) / kBars))) : 1;
  for (const double factor : {2.0, 2.5, 2.0}) {
    if ((high - low) / width > kBars) width *= factor;
  }
  const double first = std::floor(low / width);
  const double count = std::floor(high / width) - first + 1;
  std::vector<Bar> bars;
  for (double i = 0; i < count; ++i) bars.push_back({(first + i) * width, (first + i + 1) * width, 0});
  for (const double value : values) {
    const double index = std::clamp(std::floor(value / width) - first, 0.0, count - 1);
    ++bars[static_cast<std::size_t>(index)].tracks;
  }
  return bars;
}

/// Lines and numbers for counts from 0 to the largest one.
Scale draw_counts(SvgDrawing& drawing, std::size_t most) {
  const Scale scale = Scale::linear(0, static_cast<double>(most));
  for (const double tick : scale.ticks()) {
    if (tick != std::floor(tick)) continue;
    const double y = kBottom - scale.place(tick) * (kBottom - kTop);
    drawing.line({kLeft, y}, {kRight, y}, "grid");
    drawing.text({kLeft - 8, y + 4}, "tick end", page::tick_text(tick, page::Unit::plain));
  }
  drawing.line({kLeft, kBottom}, {kRight, kBottom}, "axis");
  drawing.upward_text({16, (kTop + kBottom) / 2}, "title middle", "tracks");
  return scale;
}

void draw_bar(SvgDrawing& drawing, const Scale& scale, double left, double right, std::size_t tracks,
              const std::string& css, const std::string& tip) {
  const double height = scale.place(static_cast<double>(tracks)) * (kBottom - kTop);
  if (tracks > 0) drawing.rectangle({left, kBottom - height}, right - left, height, css, tip);
}

std::string tracks_text(std::size_t tracks) { return fmt::format("{} track{}", tracks, tracks == 1 ? "" : "s"); }

/// [place on the wheel - 1][minor, major]: what each key is called and how many tracks have it.
using Wheel = std::array<std::array<KeyCount, 2>, kHours>;

Wheel wheel_of(const std::vector<KeyCount>& keys) {
  Wheel wheel;
  for (int pitch_class = 0; pitch_class < kHours; ++pitch_class) {
    for (const bool is_major : {false, true}) {
      const MusicalKey key{pitch_class, is_major};
      const int hour = std::stoi(camelot(key));
      wheel[static_cast<std::size_t>(hour - 1)][is_major ? 1 : 0] = {pitch_class_names(pitch_class).front(),
                                                                     is_major ? "major" : "minor", 0};
    }
  }
  for (const KeyCount& count : keys) {
    const auto key = parse_key(count.key, count.scale);
    if (!key) continue;
    wheel[static_cast<std::size_t>(std::stoi(camelot(*key)) - 1)][key->is_major ? 1 : 0].tracks += count.tracks;
  }
  return wheel;
}

}  // namespace

std::string map_html(const ReportData& data) {
  if (data.map.empty()) return "";
  const auto tags = common_tags(data.map);
  std::map<std::string, std::size_t> colours;
  std::string legend;
  for (std::size_t i = 0; i < std::min(tags.size(), kTagColours); ++i) {
    colours[tags[i].first] = i;
    legend += legend_entry(i, fmt::format("{} ({})", tags[i].first, tags[i].second));
  }
  if (tags.size() > kTagColours) legend += legend_entry(kOther, "others");
  SvgDrawing drawing(kWidth, kMapSize);
  drawing.text({12, kMapSize - 10}, "tick", tracks_text(data.map.size()));
  constexpr double kMargin = 24;
  for (const MapPoint& point : data.map) {
    const auto known = colours.find(point.tag);
    const std::size_t index = known != colours.end() ? known->second : tags.empty() ? 0 : kOther;
    const Place place{kMargin + point.x * (kWidth - 2 * kMargin), kMargin + point.y * (kMapSize - 2 * kMargin)};
    drawing.marker(page::Marker::circle, place, colour(index) + " point", point.title);
  }
  std::string caption = fmt::format(
      "Tracks that sound alike, to the model {}, lie together; colours are their strongest tags. Rest the pointer on a "
      "point for its track.",
      data.model);
  if (data.map.size() < data.embeddings) {
    caption += fmt::format(" It shows {} of {} tracks.", data.map.size(), data.embeddings);
  }
  return figure("Map", caption, legend.empty() ? "" : "<ul class=\"legend\">" + legend + "</ul>\n", drawing, "");
}

std::string histogram_html(const Distribution& distribution) {
  if (distribution.values.empty()) return "";
  const std::vector<Bar> bars = bars_of(distribution.values);
  std::size_t most = 0;
  for (const Bar& bar : bars) most = std::max(most, bar.tracks);
  SvgDrawing drawing(kWidth, kHeight);
  const Scale scale = draw_counts(drawing, most);
  const double width = (kRight - kLeft) / static_cast<double>(bars.size());
  const std::size_t every = (bars.size() + 9) / 10;
  Table table;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double left = kLeft + static_cast<double>(i) * width;
    const std::string range = fmt::format("{:g} to {:g}{}", bars[i].low, bars[i].high,
                                          distribution.unit.empty() ? "" : " " + distribution.unit);
    draw_bar(drawing, scale, left + 1, left + width - 1, bars[i].tracks, colour(0),
             range + ": " + tracks_text(bars[i].tracks));
    if (i % every == 0) drawing.text({left, kBottom + 18}, "tick middle", fmt::format("{:g}", bars[i].low));
    table.push_back({range, std::to_string(bars[i].tracks)});
  }
  drawing.text({(kLeft + kRight) / 2, kBottom + 40}, "title middle",
               distribution.unit.empty() ? distribution.name : distribution.unit);
  const std::string caption =
      fmt::format("{}; the outermost bars hold what lies beyond them too.", tracks_text(distribution.values.size()));
  return figure(distribution.name, caption, "", drawing, page::html_table({"range", "tracks"}, table, true));
}

std::string keys_html(const std::vector<KeyCount>& keys) {
  if (keys.empty()) return "";
  const Wheel wheel = wheel_of(keys);
  std::int64_t most = 0;
  for (const auto& hour : wheel) most = std::max({most, hour[0].tracks, hour[1].tracks});
  SvgDrawing drawing(kWidth, kHeight);
  const Scale scale = draw_counts(drawing, static_cast<std::size_t>(most));
  const double width = (kRight - kLeft) / kHours;
  Table table;
  for (std::size_t hour = 0; hour < wheel.size(); ++hour) {
    const double left = kLeft + static_cast<double>(hour) * width;
    for (std::size_t mode = 0; mode < 2; ++mode) {
      const KeyCount& count = wheel[hour][mode];
      const auto tracks = static_cast<std::size_t>(count.tracks);
      const std::string name = fmt::format("{} {} ({}{})", count.key, count.scale, hour + 1, mode == 0 ? "A" : "B");
      const double begin = left + 4 + static_cast<double>(mode) * (width - 8) / 2;
      draw_bar(drawing, scale, begin, begin + (width - 8) / 2 - 1, tracks, colour(mode),
               name + ": " + tracks_text(tracks));
      table.push_back({name, std::to_string(tracks)});
    }
    drawing.text({left + width / 2, kBottom + 18}, "tick middle",
                 fmt::format("{}m {}", wheel[hour][0].key, wheel[hour][1].key));
  }
  drawing.text({(kLeft + kRight) / 2, kBottom + 40}, "title middle", "in the order of fifths");
  const std::string legend = "<ul class=\"legend\">" + legend_entry(0, "minor") + legend_entry(1, "major") + "</ul>\n";
  return figure("Keys", "Neighbours mix well: they are a fifth apart, or relatives.", legend, drawing,
                page::html_table({"key", "tracks"}, table, true));
}

}  // namespace vivace::library
