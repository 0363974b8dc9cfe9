#pragma once

#include <memory>
#include <string>

#include "runtime/placement.hpp"

namespace vivace::runtime {

/// The candidate of a backend that is a shared object of its own, `libvivace_<backend>.so`. It is loaded when it is
/// first asked something: from the folder of libvivace.so, else from where the system's loader looks; and stays loaded.
/// Where that fails it declines with the reason. `product` is what the object is built with, e.g. "OpenVINO".
std::shared_ptr<const Candidate> backend_module(const std::string& backend, const std::string& product);

}  // namespace vivace::runtime

/// The one function of such a shared object. The candidate lives as long as the process.
extern "C" const vivace::runtime::Candidate* vivace_backend_candidate();
