# OpenVINO: optional, used by the backend of that name alone. scripts/setup --openvino puts it under .deps/openvino
# (include/ and lib/). Defines vivace_openvino_library where found.

set(OPENVINO_ROOT "${CMAKE_CURRENT_SOURCE_DIR}/.deps/openvino" CACHE PATH "Folder with OpenVINO's include/ and lib/")
find_path(OPENVINO_INCLUDE_DIR openvino/openvino.hpp PATHS "${OPENVINO_ROOT}/include")
find_library(OPENVINO_LIBRARY openvino PATHS "${OPENVINO_ROOT}/lib")
if(OPENVINO_INCLUDE_DIR AND OPENVINO_LIBRARY)
  add_library(vivace_openvino_library INTERFACE)
  target_include_directories(vivace_openvino_library SYSTEM INTERFACE "${OPENVINO_INCLUDE_DIR}")
  target_link_libraries(vivace_openvino_library INTERFACE "${OPENVINO_LIBRARY}")
endif()
