#include "model/essentia_recipe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "model/wording.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

/// Essentia, TensorflowInputMusiCNN.
FrontEnd musicnn_front_end() {
  FrontEnd front_end;
  front_end.multiply = 10000;
  front_end.add = 1;
  return front_end;
}

/// Essentia, TensorflowPredictMAEST: the same, standardised over its training set.
FrontEnd maest_front_end() {
  FrontEnd front_end = musicnn_front_end();
  front_end.mean = 2.06755686098554;
  front_end.divisor = 2 * 1.268292820667291;
  return front_end;
}

/// Essentia, TensorflowInputVGGish.
FrontEnd vggish_front_end() {
  FrontEnd front_end;
  front_end.frame = 400;
  front_end.hop = 160;
  front_end.spectrum = "magnitude";
  front_end.mel_scale = "htk";
  front_end.bands = 64;
  front_end.low_hz = 125;
  front_end.high_hz = 7500;
  front_end.slopes = "mel";
  front_end.normalisation = "unit-peak";
  front_end.log = "ln";
  front_end.add = 0.01;
  return front_end;
}

Patching patches(std::size_t frames, std::size_t hop, std::size_t batch, const char* essentia_rows = "all") {
  Patching patch;
  patch.frames = frames;
  patch.hop = hop;
  patch.batch = batch;
  patch.essentia_rows = essentia_rows;
  return patch;
}

struct Row {
  std::string algorithm;
  EssentiaRecipe recipe;
};

const std::vector<Row>& recipes() {
  static const std::vector<Row> rows{
      {"TensorflowPredictEffnetDiscogs", {musicnn_front_end(), patches(128, 62, 8, "without-last-frame")}},
      {"TensorflowPredictMusiCNN", {musicnn_front_end(), patches(187, 93, 4)}},
      {"TensorflowPredictVGGish", {vggish_front_end(), patches(96, 93, 8)}},
      {"TensorflowPredictMAEST", {maest_front_end(), patches(1876, 1875, 1), true}},
  };
  return rows;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool is_essentia_head(std::string_view algorithm) { return algorithm == "TensorflowPredict2D"; }

EssentiaRecipe essentia_recipe(const std::string& algorithm) {
  std::vector<std::string> known{"TensorflowPredict2D"};
  for (const Row& row : recipes()) {
    if (row.algorithm == algorithm) return row.recipe;
    known.push_back(row.algorithm);
  }
  throw Error(ErrorCode::unsupported, fmt::format("inference.algorithm is {}; models for {} can be imported",
                                                  in_quotes(algorithm), fmt::join(known, ", ")));
}

std::string plain_model_name(std::string_view stem) {
  const auto last_part = [&stem] { return stem.substr(std::min(stem.rfind('-'), stem.size() - 1) + 1); };
  const auto drop_last_part = [&stem] { stem = stem.substr(0, stem.rfind('-')); };
  if (stem.find('-') != std::string_view::npos && is_number(last_part())) drop_last_part();
  if (stem.find('-') != std::string_view::npos) {
    const std::string_view batch = last_part();
    if (batch.starts_with("bs") && (is_number(batch.substr(2)) || batch == "bsdynamic")) drop_last_part();
  }
  return std::string(stem);
}

}  // namespace vivace::model
