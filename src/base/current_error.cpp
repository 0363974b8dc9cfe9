#include "base/current_error.hpp"

#include <exception>
#include <new>
#include <system_error>

namespace vivace::base {
namespace {

// Made beforehand, and so short that its copies need no memory.
const Error kOutOfMemory(ErrorCode::resource_exhausted, "out of memory");

ErrorCode code_of(const std::error_code& error) {
  for (const std::errc exhausted :
       {std::errc::not_enough_memory, std::errc::resource_unavailable_try_again, std::errc::too_many_files_open,
        std::errc::too_many_files_open_in_system, std::errc::no_space_on_device}) {
    if (error == exhausted) return ErrorCode::resource_exhausted;
  }
  return error == std::errc::no_such_file_or_directory ? ErrorCode::not_found : ErrorCode::internal;
}

}  // namespace

Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return kOutOfMemory;
  } catch (const std::system_error& error) {
    return {code_of(error.code()), error.what()};
  } catch (const std::exception& error) {
    return {ErrorCode::internal, error.what()};
  } catch (...) {
    return {ErrorCode::internal, "something that is no std::exception was thrown"};
  }
}

}  // namespace vivace::base
