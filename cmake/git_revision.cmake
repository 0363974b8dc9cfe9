# Writes OUTPUT, a header with the git revision of SOURCE, "-dirty" behind it where files were changed; empty where
# SOURCE is no git checkout of its own. The file is touched only when that changes. Run with every build:
#   cmake -DSOURCE=… -DOUTPUT=… -P git_revision.cmake

set(revision "")
find_program(GIT git)
if(GIT)
  execute_process(COMMAND "${GIT}" -C "${SOURCE}" rev-parse --show-toplevel HEAD
                  OUTPUT_VARIABLE answer ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
  string(REPLACE "\n" ";" answer "${answer}")
  file(REAL_PATH "${SOURCE}" source)
  list(LENGTH answer lines)
  if(status EQUAL 0 AND lines EQUAL 2)
    list(GET answer 0 top)
    file(REAL_PATH "${top}" top)
    if(top STREQUAL source)
      list(GET answer 1 revision)
      execute_process(COMMAND "${GIT}" -C "${SOURCE}" diff-index --quiet HEAD -- ERROR_QUIET RESULT_VARIABLE changed)
      if(NOT changed EQUAL 0)
        string(APPEND revision "-dirty")
      endif()
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[#pragma once

#define VIVACE_GIT_REVISION "@revision@"
]] @ONLY)
