#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace vivace {

/// Whose fault it is and whether trying again can help. `error_code_name` gives the spelling used in records and logs.
enum class ErrorCode {
  invalid_argument,    ///< the caller asked for something impossible
  not_found,           ///< a file, model or name does not exist
  unsupported,         ///< well formed, but nothing here can do it
  corrupt_data,        ///< bytes that are not what they claim to be
  model_mismatch,      ///< a model and its manifest, or a model and its use, do not fit
  resource_exhausted,  ///< memory, disk or a limit ran out
  unavailable,         ///< something needed is not there now; trying again may help
  cancelled,           ///< stopped on request
  internal,            ///< our own defect
};

/// The name of a code, e.g. "corrupt_data".
std::string_view error_code_name(ErrorCode code);

/// The only exception that vivace throws on purpose.
/// `what()` is "context: message", or the message alone where there is no context.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string message);
  /// `context` says where: a path, a model, an option.
  Error(ErrorCode code, const std::string& context, std::string message);

  ErrorCode code() const { return code_; }
  /// What was wrong and what to do, without the context.
  const std::string& message() const { return message_; }
  const std::string& context() const { return context_; }

 private:
  ErrorCode code_;
  std::string context_;
  std::string message_;
};

}  // namespace vivace
