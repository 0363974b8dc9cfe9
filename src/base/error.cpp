#include "vivace/error.hpp"

#include <utility>

namespace vivace {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::corrupt_data: return "corrupt_data";
    case ErrorCode::model_mismatch: return "model_mismatch";
    case ErrorCode::resource_exhausted: return "resource_exhausted";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error::Error(ErrorCode code, std::string message)
    : std::runtime_error(message), code_(code), message_(std::move(message)) {}

Error::Error(ErrorCode code, const std::string& context, std::string message)
    : std::runtime_error(context + ": " + message), code_(code), context_(context), message_(std::move(message)) {}

}  // namespace vivace
