#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/placement.hpp"

namespace vivace::runtime {

/// The candidate of a backend that is a shared object of its own, `libvivace_<backend>.so`. It is loaded when it is
/// first asked something: from the folder of libvivace.so, else from where the system's loader looks; and stays loaded.
/// Where that fails it declines with the reason. `product` is what the object is built with, e.g. "OpenVINO".
/// `environment` holds variables that are set before it is loaded, where they are not set already.
///
/// What such an object defines is in a namespace of its own below vivace::runtime: its symbols would otherwise be
/// taken for those of the same name in libvivace.so.
std::shared_ptr<const Candidate> backend_module(const std::string& backend, const std::string& product,
                                                const std::map<std::string, std::string>& environment = {});

}  // namespace vivace::runtime

/// The one function of such a shared object. The candidate lives as long as the process.
extern "C" const vivace::runtime::Candidate* vivace_backend_candidate();
