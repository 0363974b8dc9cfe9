#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/clock.hpp"
#include "bench/target.hpp"

namespace vivace::bench {

/// Time that passes only where somebody waits or works. For loads with one thread.
class VirtualClock : public Clock {
 public:
  double now() const override { return now_; }
  void wait_until(double time) override {
    if (time > now_) now_ = time;
  }

 private:
  std::atomic<double> now_ = 0;
};

/// A target that does `serve` with every request; its only stage is "work".
class FunctionTarget : public Target {
 public:
  using Serve = std::function<Answer(std::size_t index, std::size_t samples)>;

  explicit FunctionTarget(Serve serve, std::size_t inputs = 1) : serve_(std::move(serve)), inputs_(inputs) {}

  std::string description() const override { return "function"; }
  std::map<std::string, std::string> settings() const override { return {{"backend", "none"}}; }
  std::vector<std::string> stages() const override { return {"work"}; }
  double load_s() const override { return 0.5; }
  std::string model_sha256() const override { return ""; }
  std::string input_sha256() const override { return ""; }
  std::size_t inputs() const override { return inputs_; }
  std::vector<std::string> notes() const override { return {}; }
  Answer send(std::size_t index, std::size_t samples) override { return serve_(index, samples); }

 private:
  Serve serve_;
  std::size_t inputs_;
};

/// Serves each sample in `service_s(index)` seconds of virtual time, one after another.
inline FunctionTarget::Serve in_virtual_time(VirtualClock& clock, std::function<double(std::size_t)> service_s) {
  return [&clock, service_s = std::move(service_s)](std::size_t index, std::size_t samples) {
    const double seconds = service_s(index) * static_cast<double>(samples);
    clock.wait_until(clock.now() + seconds);
    Answer answer;
    answer.items = static_cast<std::uint32_t>(samples);
    answer.stage_s[0] = seconds;
    return answer;
  };
}

}  // namespace vivace::bench
