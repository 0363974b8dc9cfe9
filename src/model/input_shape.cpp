#include "model/input_shape.hpp"

#include "model/model.hpp"
#include "vivace/error.hpp"

namespace vivace::model {
namespace {

std::int64_t length(std::size_t size) { return static_cast<std::int64_t>(size); }

bool cuts_patches(const Manifest& manifest) { return manifest.patch && manifest.patch->cut_by == "graph"; }

RowLengths row_lengths(const Manifest& manifest) {
  if (!cuts_patches(manifest)) return {};
  return {.first = manifest.patch->frames, .step = manifest.patch->hop};
}

Shape input_shape(const Manifest& manifest, std::size_t rows) {
  if (is_head(manifest)) return {length(rows), length(manifest.extractor->dimension)};
  const Patching& patch = *manifest.patch;
  const std::int64_t bands = length(manifest.front_end->bands);
  if (cuts_patches(manifest)) return {length(row_lengths(manifest).length_of(rows)), bands};
  return {length(patch.fixed_batch > 0 ? patch.fixed_batch : rows), length(patch.frames), bands};
}

}  // namespace

GraphInputs graph_inputs(const std::string& file_or_model, std::size_t rows, const std::string& backend) {
  std::error_code status;
  if (std::filesystem::is_regular_file(file_or_model, status)) return {.graph = file_or_model, .shapes = {}};
  if (file_or_model.ends_with(".onnx")) throw Error(ErrorCode::not_found, file_or_model, "there is no such file");
  const Model model = find_model(file_or_model);
  const Manifest& manifest = model.manifest;
  if (is_separator(manifest)) return {.graph = model.file(graph_role(manifest, backend)), .shapes = {}};
  return {.graph = model.file(graph_role(manifest, backend)),
          .shapes = {{manifest.tensors.input, input_shape(manifest, rows)}},
          .rows = row_lengths(manifest),
          .fixed_rows = manifest.patch ? manifest.patch->fixed_batch : 0,
          .least_cosine = manifest.least_cosine};
}

}  // namespace vivace::model
