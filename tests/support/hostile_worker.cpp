// A program in place of vivace-worker that loads nothing and answers runs with what VIVACE_TEST_HOSTILITY names. With
// "pause" it answers as it should, but stops itself before its first answer.

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <tuple>

#include "runtime/isolation/message.hpp"
#include "runtime/isolation/worker.hpp"
#include "vivace/version.hpp"

namespace {

using namespace vivace;
using namespace vivace::runtime;

std::string answer(const std::string& kind, const RunRequest& run) {
  const PlacedTensor y{"y", ElementType::float32, {10}, 0, 40};
  PlacedTensor beyond = y;
  beyond.offset = std::uint64_t{1} << 40;
  PlacedTensor other_size = y;
  other_size.shape = {1 << 20};
  if (kind == "pause") return encode(FromWorker(Done{run.id, {y}}));
  if (kind == "no message") return "nonsense";
  if (kind == "another run") return encode(FromWorker(Done{run.id + 1, {y}}));
  if (kind == "another kind") return encode(FromWorker(Loaded{}));
  if (kind == "no output") return encode(FromWorker(Done{run.id, {}}));
  if (kind == "too many outputs") return encode(FromWorker(Done{run.id, {y, y}}));
  if (kind == "beyond the region") return encode(FromWorker(Done{run.id, {beyond}}));
  if (kind == "another size") return encode(FromWorker(Done{run.id, {other_size}}));
  if (kind == "2 MiB of room" || kind == "room twice") return encode(FromWorker(NeedsRoom{run.id, 2 << 20}));
  if (kind == "no room") return encode(FromWorker(NeedsRoom{run.id, 1}));
  return std::string(kLargestMessage + 1, 'x');
}

/// Writes until it is killed, at most for 20 seconds.
[[noreturn]] void chatter() {
  constexpr unsigned kSeconds = 20;
  ::alarm(kSeconds);
  const std::string text(kLargestMessage, 'x');
  while (true) std::ignore = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

int main() {
  const Channel control{Descriptor(kControlDescriptor)};
  const std::string kind = std::getenv("VIVACE_TEST_HOSTILITY");
  if (!control.receive()) return 1;
  if (kind == "chatter") chatter();
  control.send(encode(FromWorker(Loaded{{{"x", "float32", {-1}}}, {{"y", "float32", {-1}}}, "nowhere"})));
  std::uint64_t last_run = 0;
  std::uint64_t room = 2 << 20;
  while (const auto packet = control.receive()) {
    const ToWorker message = decode_to_worker(packet->bytes);
    if (const RunRequest* run = std::get_if<RunRequest>(&message)) {
      last_run = run->id;
      if (kind == "pause" && run->id == 1) ::raise(SIGSTOP);
      control.send(answer(kind, *run));
    } else {
      control.send(encode(FromWorker(NeedsRoom{last_run, room *= 2})));
    }
  }
  return 0;
}
