# Compiler settings that hold for every target of the project.

add_library(vivace_compiler INTERFACE)
target_compile_options(vivace_compiler INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor)
if(ENABLE_WERROR)
  target_compile_options(vivace_compiler INTERFACE -Werror)
endif()
if(VIVACE_SANITIZE)
  # GCC's instrumentation makes -Wmaybe-uninitialized see what is not there.
  target_compile_options(vivace_compiler INTERFACE -fsanitize=${VIVACE_SANITIZE} -fno-omit-frame-pointer
                                                   $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(vivace_compiler INTERFACE -fsanitize=${VIVACE_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
