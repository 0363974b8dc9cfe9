#include "model/staging_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "vivace/error.hpp"

namespace vivace::model {

StagingLock::StagingLock(const std::filesystem::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) {
    throw Error(ErrorCode::unavailable, folder.string(), std::string("cannot be opened: ") + std::strerror(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw Error(ErrorCode::unavailable, folder.string(), "another process is getting this model; wait for it to end");
}

StagingLock::~StagingLock() { ::close(descriptor_); }

}  // namespace vivace::model
