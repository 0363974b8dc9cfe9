#pragma once

#include "model/manifest.hpp"

namespace vivace::embed::test {

/// The features of MusiCNN, Discogs-EffNet and (before scaling) MAEST.
inline model::FrontEnd musicnn_front_end() {
  model::FrontEnd settings;
  settings.multiply = 10000;
  settings.add = 1;
  return settings;
}

inline model::FrontEnd vggish_front_end() {
  model::FrontEnd settings;
  settings.frame = 400;
  settings.hop = 160;
  settings.spectrum = "magnitude";
  settings.mel_scale = "htk";
  settings.bands = 64;
  settings.low_hz = 125;
  settings.high_hz = 7500;
  settings.slopes = "mel";
  settings.normalisation = "unit-peak";
  settings.log = "ln";
  settings.add = 0.01;
  return settings;
}

}  // namespace vivace::embed::test
