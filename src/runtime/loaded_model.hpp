#pragma once

#include <memory>

#include "runtime/isolation/isolated_session.hpp"
#include "runtime/session.hpp"
#include "runtime/thread_plan.hpp"
#include "vivace/engine.hpp"

namespace vivace::runtime {

/// What an engine's options come to: threads, and a session that is open.
struct LoadedModel {
  using Clock = RequestOptions::Clock;

  ThreadAllotment threads{};
  std::shared_ptr<Session> session{};
  IsolatedSession* isolated = nullptr;  ///< the session, where it has worker processes
  double load_s = 0;
  Clock::time_point loaded{};
};

/// Checks the options that are not checked where they are used, and gives them back. Throws Error(invalid_argument).
const EngineOptions& checked(const EngineOptions& options);

/// The threads of an engine that has all cores of the process to itself, in numbers above 0. Throws as load_model.
ThreadOptions settled_threads(const EngineOptions& options);

/// Settles the threads and opens the session. Throws Error as the constructor of Engine.
LoadedModel load_model(const EngineOptions& options);

}  // namespace vivace::runtime
