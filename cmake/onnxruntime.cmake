# ONNX Runtime: the one in ONNXRUNTIME_ROOT (include/ and lib/) where that is set, else an installed one, else the one
# that scripts/setup put under .deps/. Defines the target onnxruntime::onnxruntime.

set(ONNXRUNTIME_ROOT "$ENV{ONNXRUNTIME_ROOT}" CACHE PATH "Folder with ONNX Runtime's include/ and lib/")
set(bootstrapped_root "${CMAKE_CURRENT_SOURCE_DIR}/.deps/onnxruntime")

function(vivace_use_onnxruntime root)
  find_path(ONNXRUNTIME_INCLUDE_DIR onnxruntime_cxx_api.h PATHS "${root}/include"
            PATH_SUFFIXES onnxruntime onnxruntime/core/session NO_DEFAULT_PATH NO_CACHE)
  find_library(ONNXRUNTIME_LIBRARY onnxruntime PATHS "${root}/lib" NO_DEFAULT_PATH NO_CACHE)
  if(NOT ONNXRUNTIME_INCLUDE_DIR OR NOT ONNXRUNTIME_LIBRARY)
    message(FATAL_ERROR "ONNX Runtime was not found in '${root}'. Run scripts/setup, install it, or set ONNXRUNTIME_ROOT "
                        "to a folder with include/onnxruntime_cxx_api.h and lib/libonnxruntime.so.")
  endif()
  add_library(onnxruntime::onnxruntime SHARED IMPORTED GLOBAL)
  set_target_properties(onnxruntime::onnxruntime PROPERTIES IMPORTED_LOCATION "${ONNXRUNTIME_LIBRARY}")
  target_include_directories(onnxruntime::onnxruntime SYSTEM INTERFACE "${ONNXRUNTIME_INCLUDE_DIR}")
endfunction()

if(NOT ONNXRUNTIME_ROOT)
  find_package(onnxruntime 1.23 CONFIG QUIET)
endif()
if(TARGET onnxruntime::onnxruntime)
  set(VIVACE_INSTALLS_ONNXRUNTIME OFF)
else()
  set(VIVACE_INSTALLS_ONNXRUNTIME ON)
  if(ONNXRUNTIME_ROOT)
    vivace_use_onnxruntime("${ONNXRUNTIME_ROOT}")
  else()
    vivace_use_onnxruntime("${bootstrapped_root}")
  endif()
endif()
