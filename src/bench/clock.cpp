#include "bench/clock.hpp"

#include <chrono>
#include <thread>

namespace vivace::bench {
namespace {

class MachineClock : public Clock {
 public:
  double now() const override { return std::chrono::duration<double>(Steady::now() - begin_).count(); }

  void wait_until(double time) override {
    while (now() < time) std::this_thread::sleep_for(std::chrono::duration<double>(time - now()));
  }

 private:
  using Steady = std::chrono::steady_clock;
  Steady::time_point begin_ = Steady::now();
};

}  // namespace

Clock& machine_clock() {
  static MachineClock clock;
  return clock;
}

}  // namespace vivace::bench
