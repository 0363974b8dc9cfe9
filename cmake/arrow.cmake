# Arrow and Parquet C++ as the Python wheel pyarrow ships them: optional, used by the Parquet sink alone.
# scripts/setup links them under .deps/arrow (include/ and lib/). Defines vivace_arrow where found.

set(ARROW_ROOT "${CMAKE_CURRENT_SOURCE_DIR}/.deps/arrow" CACHE PATH "Folder with Arrow's include/ and lib/")
find_path(ARROW_INCLUDE_DIR arrow/api.h PATHS "${ARROW_ROOT}/include")
find_library(ARROW_LIBRARY arrow PATHS "${ARROW_ROOT}/lib")
find_library(PARQUET_LIBRARY parquet PATHS "${ARROW_ROOT}/lib")
if(ARROW_INCLUDE_DIR AND ARROW_LIBRARY AND PARQUET_LIBRARY)
  add_library(vivace_arrow INTERFACE)
  target_include_directories(vivace_arrow SYSTEM INTERFACE "${ARROW_INCLUDE_DIR}")
  target_link_libraries(vivace_arrow INTERFACE "${ARROW_LIBRARY}" "${PARQUET_LIBRARY}")
endif()
