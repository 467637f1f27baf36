# SPDX-License-Identifier: Apache-2.0

# majed_must_not_compile(NAME secret_is_streamed FILE x.cpp EXPECT "error: use of deleted function")
#
# Two tests from one file: as it is it must compile (the control, so that the test cannot rot); with
# MAJED_MUST_NOT_COMPILE defined the compiler must refuse it with a message that matches EXPECT.
function(majed_must_not_compile)
  cmake_parse_arguments(PARSE_ARGV 0 T "" "NAME;FILE;EXPECT" "")
  set(compile ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only -I${PROJECT_SOURCE_DIR}/src
      ${CMAKE_CURRENT_SOURCE_DIR}/${T_FILE})
  add_test(NAME compile_fail/${T_NAME}_control COMMAND ${compile})
  add_test(NAME compile_fail/${T_NAME}_refused COMMAND ${compile} -DMAJED_MUST_NOT_COMPILE)
  set_tests_properties(compile_fail/${T_NAME}_refused PROPERTIES PASS_REGULAR_EXPRESSION "${T_EXPECT}")
endfunction()
