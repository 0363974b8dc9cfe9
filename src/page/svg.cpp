#include "page/svg.hpp"

#include <fmt/format.h>

#include "page/html.hpp"

namespace vivace::page {
namespace {

constexpr double kMarkerRadius = 4.5;

std::string tip_element(std::string_view tip) {
  return tip.empty() ? "" : fmt::format("<title>{}</title>", html_text(tip));
}

/// Corners of a marker around the origin.
std::vector<Place> corners(Marker shape) {
  constexpr double r = kMarkerRadius;
  switch (shape) {
    case Marker::diamond: return {{0, -1.25 * r}, {1.25 * r, 0}, {0, 1.25 * r}, {-1.25 * r, 0}};
    case Marker::triangle: return {{0, -1.15 * r}, {1.15 * r, 0.9 * r}, {-1.15 * r, 0.9 * r}};
    default: return {{-0.9 * r, -0.9 * r}, {0.9 * r, -0.9 * r}, {0.9 * r, 0.9 * r}, {-0.9 * r, 0.9 * r}};
  }
}

std::string points(const std::vector<Place>& places, Place origin) {
  std::string text;
  for (const Place& place : places) text += fmt::format("{:.2f},{:.2f} ", origin.x + place.x, origin.y + place.y);
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

void SvgDrawing::line(Place from, Place to, std::string_view css) {
  body_ += fmt::format("<line class=\"{}\" x1=\"{:.2f}\" y1=\"{:.2f}\" x2=\"{:.2f}\" y2=\"{:.2f}\"/>\n", css, from.x,
                       from.y, to.x, to.y);
}

void SvgDrawing::polyline(const std::vector<Place>& places, std::string_view css) {
  body_ += fmt::format("<polyline class=\"{}\" points=\"{}\"/>\n", css, points(places, {}));
}

void SvgDrawing::rectangle(Place corner, double width, double height, std::string_view css, std::string_view tip) {
  body_ += fmt::format("<rect class=\"{}\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\">{}</rect>\n",
                       css, corner.x, corner.y, width, height, tip_element(tip));
}

void SvgDrawing::marker(Marker shape, Place centre, std::string_view css, std::string_view tip) {
  if (shape == Marker::circle) {
    body_ += fmt::format("<circle class=\"{}\" cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{}\">{}</circle>\n", css, centre.x,
                         centre.y, kMarkerRadius, tip_element(tip));
  } else {
    body_ += fmt::format("<polygon class=\"{}\" points=\"{}\">{}</polygon>\n", css, points(corners(shape), centre),
                         tip_element(tip));
  }
}

void SvgDrawing::text(Place at, std::string_view css, std::string_view text) {
  body_ += fmt::format("<text class=\"{}\" x=\"{:.2f}\" y=\"{:.2f}\">{}</text>\n", css, at.x, at.y, html_text(text));
}

void SvgDrawing::upward_text(Place at, std::string_view css, std::string_view text) {
  body_ += fmt::format("<text class=\"{}\" transform=\"translate({:.2f} {:.2f}) rotate(-90)\">{}</text>\n", css, at.x,
                       at.y, html_text(text));
}

std::string SvgDrawing::to_svg(std::string_view label) const {
  return fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">\n{}</svg>\n", html_text(label), width_,
                     height_, body_);
}

}  // namespace vivace::page
