#include "vivace/version.hpp"

namespace vivace {

const char* version() { return VIVACE_VERSION; }

}  // namespace vivace
