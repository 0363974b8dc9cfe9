# Installs the program, the library with its headers and CMake package, and what they load at run time.

include(CMakePackageConfigHelpers)

install(TARGETS vivace vivace_program EXPORT vivaceTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/vivace DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT vivaceTargets NAMESPACE vivace:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vivace)

configure_package_config_file(cmake/vivaceConfig.cmake.in vivaceConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vivace)
write_basic_package_version_file(vivaceConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/vivaceConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/vivaceConfigVersion.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vivace)

# ONNX Runtime where it is not the system's.
if(VIVACE_INSTALLS_ONNXRUNTIME)
  get_target_property(onnxruntime_location onnxruntime::onnxruntime LOCATION)
  file(REAL_PATH "${onnxruntime_location}" onnxruntime_file)
  install(FILES "${onnxruntime_file}" DESTINATION ${CMAKE_INSTALL_LIBDIR} RENAME libonnxruntime.so.1)
endif()

# Arrow where it is not the system's: in a folder of its own, under the names that the Parquet sink was linked to.
foreach(library IN LISTS ARROW_LIBRARY PARQUET_LIBRARY)
  cmake_path(IS_PREFIX ARROW_ROOT "${library}" is_ours)
  if(is_ours)
    file(GLOB arrow_files "${library}.*")
    install(FILES ${arrow_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/vivace)
  endif()
endforeach()

# The libraries of further backends where they are not the system's, each in a folder of its own.
foreach(backend openvino tensorflow)
  string(TOUPPER ${backend} prefix)
  if(TARGET vivace_${backend})
    cmake_path(IS_PREFIX ${prefix}_ROOT "${${prefix}_LIBRARY}" is_ours)
    if(is_ours)
      file(GLOB backend_files "${${prefix}_ROOT}/lib/*.so*")
      install(FILES ${backend_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/vivace/${backend})
    endif()
  endif()
endforeach()

# The models that set-up made.
install(DIRECTORY .deps/models DESTINATION ${CMAKE_INSTALL_DATADIR}/vivace OPTIONAL)

# The program looks for models beside itself, in the build folder as when installed.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/share/vivace")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/.deps/models" "${PROJECT_BINARY_DIR}/share/vivace/models" SYMBOLIC)
