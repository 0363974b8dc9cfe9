#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vivace::page {

/// A point of a drawing: x to the right, y downwards.
struct Place {
  double x = 0;
  double y = 0;
};

enum class Marker { circle, diamond, triangle, square };

/// A drawing as SVG, styled by the classes of the page around it. `css` are names of classes, which must be plain
/// words; texts may be any.
class SvgDrawing {
 public:
  SvgDrawing(double width, double height) : width_(width), height_(height) {}

  void line(Place from, Place to, std::string_view css);
  void polyline(const std::vector<Place>& places, std::string_view css);
  /// `tip` is shown where the pointer rests.
  void rectangle(Place corner, double width, double height, std::string_view css, std::string_view tip);
  void marker(Marker shape, Place centre, std::string_view css, std::string_view tip);
  void text(Place at, std::string_view css, std::string_view text);
  /// Text that reads upwards.
  void upward_text(Place at, std::string_view css, std::string_view text);

  /// `label` says what the drawing shows, for who does not see it.
  std::string to_svg(std::string_view label) const;

 private:
  double width_, height_;
  std::string body_;
};

}  // namespace vivace::page
