# SPDX-License-Identifier: Apache-2.0

# majed_must_not_compile(NAME secret_is_streamed FILE x.cpp EXPECT "use of deleted function" DEPS core)
#
# Two tests from one file: compiled as it is it must succeed (the control, so that the test cannot rot), and
# with MAJED_MUST_NOT_COMPILE defined the compiler must refuse it with a message that matches EXPECT.
function(majed_must_not_compile)
  cmake_parse_arguments(PARSE_ARGV 0 T "" "NAME;FILE;EXPECT" "DEPS")
  majed_target_names(deps ${T_DEPS})
  foreach(kind control refused)
    set(target compile_fail_${T_NAME}_${kind})
    add_library(${target} OBJECT EXCLUDE_FROM_ALL ${T_FILE})
    target_link_libraries(${target} PRIVATE ${deps})
    set(test compile_fail/${T_NAME}_${kind})
    add_test(NAME ${test} COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target ${target})
    # Two builds in one folder at a time would write one another's log.
    set_tests_properties(${test} PROPERTIES RESOURCE_LOCK build_folder)
  endforeach()
  target_compile_definitions(compile_fail_${T_NAME}_refused PRIVATE MAJED_MUST_NOT_COMPILE)
  set_tests_properties(compile_fail/${T_NAME}_refused PROPERTIES PASS_REGULAR_EXPRESSION "${T_EXPECT}")
endfunction()
