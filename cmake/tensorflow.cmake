# TensorFlow's C API: optional, used by the backend of that name alone. scripts/setup --tensorflow puts it under
# .deps/tensorflow (include/ and lib/). Defines vivace_tensorflow_library where found.

set(TENSORFLOW_ROOT "${CMAKE_CURRENT_SOURCE_DIR}/.deps/tensorflow" CACHE PATH
    "Folder with TensorFlow's include/ and lib/")
find_path(TENSORFLOW_INCLUDE_DIR tensorflow/c/c_api.h PATHS "${TENSORFLOW_ROOT}/include")
find_library(TENSORFLOW_LIBRARY NAMES tensorflow tensorflow_cc PATHS "${TENSORFLOW_ROOT}/lib")
find_library(TENSORFLOW_FRAMEWORK_LIBRARY tensorflow_framework PATHS "${TENSORFLOW_ROOT}/lib")
if(TENSORFLOW_INCLUDE_DIR AND TENSORFLOW_LIBRARY AND TENSORFLOW_FRAMEWORK_LIBRARY)
  add_library(vivace_tensorflow_library INTERFACE)
  target_include_directories(vivace_tensorflow_library SYSTEM INTERFACE "${TENSORFLOW_INCLUDE_DIR}")
  target_link_libraries(vivace_tensorflow_library INTERFACE "${TENSORFLOW_LIBRARY}" "${TENSORFLOW_FRAMEWORK_LIBRARY}")
endif()
