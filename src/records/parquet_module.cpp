#include "records/parquet_module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/files.hpp"

namespace vivace::records {
namespace {

constexpr const char* kLibrary = "libvivace_parquet.so";
constexpr const char* kFactory = "vivace_open_parquet_sink";
using Factory = decltype(&vivace_open_parquet_sink);

[[noreturn]] void fail_to_load() {
  const char* reason = dlerror();
  throw Error(ErrorCode::unavailable, "format 'parquet'",
              fmt::format("{} cannot be loaded ({}); build vivace with Arrow or write csv, jsonl, npy or db", kLibrary,
                          reason != nullptr ? reason : "unknown reason"));
}

/// The library beside that of vivace; its bare name where there is none.
std::filesystem::path library_path() {
  const auto beside = base::library_folder() / kLibrary;
  std::error_code status;
  return std::filesystem::exists(beside, status) ? beside : kLibrary;
}

/// The library stays loaded: sinks and their code may live as long as the process.
Factory load_factory() {
  void* library = dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail_to_load();
  void* symbol = dlsym(library, kFactory);
  if (symbol == nullptr) fail_to_load();
  return reinterpret_cast<Factory>(symbol);
}

}  // namespace

std::unique_ptr<Sink> open_parquet_sink(SinkOptions options) {
  static const Factory factory = load_factory();
  return std::unique_ptr<Sink>(factory(&options));
}

bool parquet_available() {
  try {
    load_factory();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace vivace::records
