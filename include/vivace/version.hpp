#pragma once

namespace vivace {

/// The version of the library in use, e.g. "0.1.0".
const char* version();

}  // namespace vivace
