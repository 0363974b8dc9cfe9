// A program that opens a session on the graph argv[1] in two worker processes, writes their numbers to argv[2], and
// never ends by itself.

#include <unistd.h>

#include <string>

#include "runtime/isolation/isolated_session.hpp"
#include "support/files.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  vivace::runtime::SessionOptions options;
  options.graph = argv[1];
  vivace::IsolationOptions isolation;
  isolation.processes = 2;
  const vivace::runtime::IsolatedSession session(options, isolation);
  std::string notes;
  for (const pid_t worker : session.process_ids()) notes += std::to_string(worker) + " ";
  vivace::test::write_text(argv[2], notes + "all\n");
  while (true) ::pause();
}
