#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/session.hpp"
#include "vivace/error.hpp"
#include "vivace/tensor.hpp"

namespace vivace::runtime {

/// What a session and its worker processes say to each other. Tensors are in shared memory; messages say where.

/// Bytes of one message.
inline constexpr std::size_t kLargestMessage = 65536;

/// Shared memory whose descriptor comes with the message.
struct RegionHandle {
  std::uint64_t id = 0;
  std::uint64_t bytes = 0;
};

/// A tensor in a region. Strings are stored as their lengths, each of 8 bytes, and then their characters.
struct PlacedTensor {
  std::string name{};
  ElementType type = ElementType::float32;
  Shape shape{};
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// The first message to a worker.
struct Load {
  std::string version{};           ///< of vivace; that of the worker must be the same
  std::filesystem::path folder{};  ///< that paths are relative to
  SessionOptions session{};
  std::vector<int> cores{};  ///< to run on; empty: as they are
  std::uint64_t memory_limit_bytes = 0;
  int nice = 0;
};

/// Which of the ways to run a session is meant.
enum class RunForm { tensors, floats };

struct RunRequest {
  std::uint64_t id = 0;
  RunForm form = RunForm::tensors;
  bool shrinks = false;                    ///< see Session::shrink_after_next_run
  std::vector<RegionHandle> attached{};    ///< regions that are new, in the order of their descriptors
  std::vector<std::uint64_t> forgotten{};  ///< regions that will not be used again
  std::uint64_t input_region = 0;
  std::uint64_t output_region = 0;
  std::vector<PlacedTensor> inputs{};
  std::vector<PlacedTensor> outputs{};  ///< for `tensors` only their names
};

/// The answer to NeedsRoom: a region to use instead, new where it comes with a descriptor.
struct Room {
  std::uint64_t region = 0;
  std::vector<RegionHandle> attached{};
};

/// The model is loaded.
struct Loaded {
  std::vector<TensorInfo> inputs{};
  std::vector<TensorInfo> outputs{};
  std::string placement{};
};

/// A model that was not loaded, or a run that failed.
struct Failed {
  ErrorCode code = ErrorCode::internal;
  std::string context{};
  std::string message{};
};

/// The outputs are in the output region, in the order that was asked for; for `floats` none are listed.
struct Done {
  std::uint64_t id = 0;
  std::vector<PlacedTensor> outputs{};
  BackendMemory memory{};  ///< of the worker, after the run
};

/// The outputs take more than the output region has.
struct NeedsRoom {
  std::uint64_t id = 0;
  std::uint64_t bytes = 0;
};

/// Asks for Session::nodes, which NodeList answers.
struct NodesRequest {};

struct NodeList {
  std::vector<ProviderNodes> providers{};
};

using ToWorker = std::variant<Load, RunRequest, Room, NodesRequest>;
using FromWorker = std::variant<Loaded, Failed, Done, NeedsRoom, NodeList>;

/// Throws Error(unsupported) for what does not fit into kLargestMessage.
std::string encode(const ToWorker& message);
std::string encode(const FromWorker& message);

/// Throws Error(corrupt_data) for bytes that are no such message. Memory stays in proportion to the bytes.
ToWorker decode_to_worker(std::string_view bytes);
FromWorker decode_from_worker(std::string_view bytes);

}  // namespace vivace::runtime
