#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/manifest.hpp"
#include "tasks/separate/network.hpp"
#include "tasks/separate/stem_mix.hpp"
#include "vivace/separate.hpp"

namespace vivace::separate {

/// A model that is ready to separate, and what it is asked for.
struct OpenedModel {
  SeparateModelInfo info;
  std::string resampler;
  StemMix mix;
  std::unique_ptr<Network> network;
  std::size_t workers = 1;
};

/// Finds and verifies the model, or recognises an ONNX file, and opens it for the stems that are asked for. Throws
/// Error as Separator does.
OpenedModel open_model(const SeparateOptions& options);

}  // namespace vivace::separate
