#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/input_shape.hpp"
#include "vivace/engine.hpp"

namespace vivace::bench {

/// What a model is fed with.
struct InputOptions {
  /// Shapes of inputs by name; lengths that the graph fixes must be the same.
  std::map<std::string, Shape> shapes{};
  std::size_t batch = 0;             ///< rows of every input; 0: those of `shapes`, else 1
  model::RowLengths rows{};          ///< what a row is on the first axis of every input
  std::filesystem::path recorded{};  ///< see recorded_requests; empty: random values
  std::uint64_t seed = 0;            ///< of random values
};

/// The requests that go in turn, all of one shape.
using Requests = std::vector<Engine::Inputs>;

/// The shape of every input: lengths of the graph, of the options, and of the batch for the first axis where that is
/// free. Throws Error(invalid_argument): a free axis without a length (all are named), a shape that does not fit or is
/// no whole number of rows, a name that no input has.
std::vector<Shape> settle_shapes(const std::vector<TensorDescription>& inputs, const InputOptions& options);

/// What would say how long the first axis of an input is, "x=?x96", for every input of which nothing does: it has one
/// row then.
std::vector<std::string> unsaid_shapes(const std::vector<TensorDescription>& inputs, const InputOptions& options);

/// Requests with random values: floats in -1 … 1, whole numbers and booleans 0 or 1, texts empty. The same seed gives
/// the same values everywhere.
Requests random_requests(const std::vector<TensorDescription>& inputs, const InputOptions& options);

/// Requests from arrays [rows, …] of a file: an NPZ with an array for each input, an NPY for a model with one, or a
/// folder with <input>.npy. Rows go in their order, `batch` a request, each with all that it is made of, also where
/// the next row has a part of that too; a last part that is too short is left out.
/// Throws Error: not_found, corrupt_data, unsupported (types that no tensor has), invalid_argument
/// (arrays missing, of different length, or shorter than one request).
Requests recorded_requests(const std::vector<TensorDescription>& inputs, const InputOptions& options);

/// SHA-256 over names, types, shapes and values of all requests.
std::string sha256_of(const Requests& requests);

}  // namespace vivace::bench
