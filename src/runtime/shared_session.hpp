#pragma once

#include <memory>

#include "runtime/session.hpp"

namespace vivace::runtime {

/// Opens a session as open_session does, or gives one that this process has open with the same options on the same
/// file. So replicas share the weights, as they are in the file and as kernels want them, and the threads of runs.
/// Sessions that write a profile or their graph are not shared. Safe from many threads.
std::shared_ptr<Session> open_shared_session(const SessionOptions& options);

}  // namespace vivace::runtime
