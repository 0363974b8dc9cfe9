#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vivace::bench {

/// The most stages that a target tells apart.
inline constexpr std::size_t kMostStages = 4;

/// What came of one request.
struct Answer {
  std::uint32_t items = 1;                    ///< rows, tracks or frames
  double audio_s = 0;                         ///< audio that was processed
  std::array<double, kMostStages> stage_s{};  ///< seconds in each of the target's stages
};

/// What is measured: something loaded that answers requests.
class Target {
 public:
  virtual ~Target() = default;

  /// "model net.onnx", "embed examples/music".
  virtual std::string description() const = 0;
  /// How it was set up: "backend", "provider", "batch", "threads", …
  virtual std::map<std::string, std::string> settings() const = 0;
  virtual std::vector<std::string> stages() const = 0;  ///< at most kMostStages
  virtual double load_s() const = 0;                    ///< loading it took
  virtual std::string model_sha256() const = 0;         ///< empty where it has not one model
  virtual std::string input_sha256() const = 0;         ///< of all that is sent
  virtual std::size_t inputs() const = 0;               ///< different requests that go in turn
  /// What is to be known of how it answered so far.
  virtual std::vector<std::string> notes() const = 0;

  /// Sends request number `index` (inputs go in turn) with `samples` samples in it and waits for the answer. Safe from
  /// many threads. Throws Error where it fails.
  virtual Answer send(std::size_t index, std::size_t samples) = 0;
};

}  // namespace vivace::bench
