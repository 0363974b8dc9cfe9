#include "library/report.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "library/report_charts.hpp"
#include "page/html.hpp"
#include "page/style.hpp"

namespace vivace::library {
namespace {

using page::html_table;
using page::html_text;

constexpr const char* kMapStyle =
    ".point{fill-opacity:.75}.point:hover{fill-opacity:1;stroke:var(--ink);stroke-width:2}";

using Table = std::vector<std::vector<std::string>>;

std::string fact(const std::string& value, const std::string& name) {
  return fmt::format("<li><b>{}</b><span>{}</span></li>\n", html_text(value), html_text(name));
}

std::string section(const char* title, const std::string& content, const char* css = "") {
  return fmt::format("<section class=\"{}\">\n<h2>{}</h2>\n{}</section>\n", css, title, content);
}

std::string facts_html(const ReportData& data) {
  constexpr double kHour = 3600;
  constexpr double kGigabyte = 1e9;
  const nlohmann::json& statistics = data.statistics;
  std::string html = "<ul class=\"facts\">\n";
  html += fact(fmt::format("{}", statistics["tracks"].get<std::int64_t>()), "tracks");
  html += fact(fmt::format("{:.1f} h", statistics["duration_s"].get<double>() / kHour), "of audio");
  html += fact(fmt::format("{:.2f} GB", statistics["bytes"].get<double>() / kGigabyte), "in files");
  html += fact(fmt::format("{}", data.failure_count), "failures");
  html += fact(fmt::format("{}", statistics["missing"].get<std::int64_t>()), "tracks that are no longer there");
  html += fact(fmt::format("{}", statistics["duplicates"].get<std::int64_t>()), "duplicates known by their content");
  return html + "</ul>\n";
}

std::string formats_html(const std::vector<FormatCount>& formats) {
  if (formats.empty()) return "";
  Table rows;
  for (const FormatCount& format : formats) {
    rows.push_back(
        {format.codec + " in " + format.container, std::to_string(format.tracks), fmt::format("{:.2f}", format.hours)});
  }
  return section("Formats", html_table({"codec and container", "tracks", "hours"}, rows, true));
}

std::string sets_html(const nlohmann::json& sets) {
  if (sets.empty()) return "";
  Table rows;
  for (const nlohmann::json& set : sets) {
    std::vector<std::string> row{set["name"].get<std::string>(), set["kind"].get<std::string>()};
    for (const char* count : {"version", "fields", "done", "failed", "open"}) {
      row.push_back(std::to_string(set[count].get<std::int64_t>()));
    }
    row.push_back(fmt::format("{:.1f}", set["seconds"].get<double>()));
    rows.push_back(std::move(row));
  }
  return section(
      "What was computed",
      html_table({"feature set", "kind", "version", "fields", "done", "failed", "open", "seconds"}, rows, true));
}

std::string failures_html(const ReportData& data) {
  if (data.failures.empty()) return "";
  Table rows;
  for (const FailedTrack& track : data.failures) {
    rows.push_back({base::to_valid_utf8(track.path), track.code, track.message, track.sets});
  }
  std::string html = html_table({"track", "code", "what was wrong", "feature sets"}, rows, false);
  if (rows.size() < data.failure_count) {
    html += fmt::format("<p class=\"soft\">The first {} of {}.</p>\n", rows.size(), data.failure_count);
  }
  return section("Failures", html, "problems text");
}

}  // namespace

std::string to_html(const ReportData& data, const std::string& title) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>{0}</title>\n<style>{1}{2}</style>\n</head>\n<body>\n<main>\n"
      "<h1>{0}</h1>\n",
      html_text(title), page::kStyle, kMapStyle);
  html += facts_html(data) + map_html(data);
  for (const Distribution& distribution : data.distributions) html += histogram_html(distribution);
  html += keys_html(data.keys) + formats_html(data.formats) + sets_html(data.statistics["feature_sets"]);
  html += failures_html(data);
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace vivace::library
