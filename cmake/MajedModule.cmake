# SPDX-License-Identifier: Apache-2.0

# majed_module(NAME driver/sqlite LAYER 2 [COLD] [DEPS core driver] [LIBS SQLite::SQLite3] [TEST_DEPS crypto])
#
# Declares src/<NAME> from the files that lie there: the library majed_driver_sqlite (INTERFACE while it has
# headers only), its test program majed_driver_sqlite_test from *_test.cpp, and the line of layers.txt that
# tools/check_layers.py holds the includes to. TEST_DEPS are for its tests and their *_fixture.h only. main.cpp is
# left to majed_program. COLD: it runs when a person waits, not with every statement; the compiler optimises it less.
function(majed_module)
  cmake_parse_arguments(PARSE_ARGV 0 M "COLD" "NAME;LAYER" "DEPS;LIBS;TEST_DEPS")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")

  majed_target_names(target ${M_NAME})
  majed_target_names(deps ${M_DEPS})
  if(sources)
    add_library(${target} STATIC ${sources})
    majed_compile_together(${target})
    if(M_COLD)
      target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
    endif()
    target_link_libraries(${target} PRIVATE majed_warnings)
    set(usage PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(usage INTERFACE)
  endif()
  target_include_directories(${target} ${usage} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} ${usage} ${deps} ${M_LIBS})
  file(APPEND ${PROJECT_BINARY_DIR}/layers.txt "${M_NAME} ${M_LAYER} ${M_DEPS} | ${M_TEST_DEPS}\n")

  if(tests)
    majed_target_names(test_deps ${M_TEST_DEPS})
    majed_test_program(${target}_test "${target};${test_deps}" ${tests})
    # A program takes longer to start than most tests of a module do to run: it is one test of CTest, and says in its own
    # words which of its tests failed.
    add_test(NAME ${M_NAME} COMMAND ${target}_test)
    # Begun before the short tests of the suites, which fill what the long ones leave at the end.
    set_tests_properties(${M_NAME} PROPERTIES COST 30 TIMEOUT 900)
    majed_compile_together(${target}_test)
  endif()
endfunction()

# Several source files as one: reading the headers costs more than all the rest. The files of one module therefore share
# what they name in an unnamed namespace, and tests of one module that use a name for different things have namespaces of
# their own; -DMAJED_UNITY=OFF compiles each file alone.
function(majed_compile_together target)
  # The linter minds that a file of code is included.
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${MAJED_UNITY} UNITY_BUILD_BATCH_SIZE 48
                        UNITY_BUILD_CODE_BEFORE_INCLUDE "// NOLINTNEXTLINE(bugprone-suspicious-include)")
endfunction()

# majed_suite(NAME corpora [DEPS sql rewrite] [LIBS SQLite::SQLite3])
#
# Declares tests/<NAME>, a suite that belongs to no one module: majed_corpora_test from every *.cpp beside it.
# MAJED_PROJECT_ROOT is the folder of the project, for tests that read files beside or inside it.
function(majed_suite)
  cmake_parse_arguments(PARSE_ARGV 0 S "" "NAME" "DEPS;LIBS")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  if(sources)
    majed_target_names(target ${S_NAME})
    majed_target_names(deps ${S_DEPS})
    majed_test_program(${target}_test "${deps};${S_LIBS}" ${sources})
    majed_discover_tests(${target}_test ${S_NAME}/)
    majed_compile_together(${target}_test)
    # What serves the tests of a suite is compiled alone.
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    set_source_files_properties(${sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    target_include_directories(${target}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_compile_definitions(${target}_test PRIVATE MAJED_PROJECT_ROOT="${PROJECT_SOURCE_DIR}")
  endif()
endfunction()

# majed_program(NAME majed LIBRARY app): the program from main.cpp, at the top of the build folder.
function(majed_program)
  cmake_parse_arguments(PARSE_ARGV 0 P "" "NAME;LIBRARY" "")
  add_executable(${P_NAME} main.cpp)
  target_link_libraries(${P_NAME} PRIVATE majed_${P_LIBRARY} majed_warnings)
  set_target_properties(${P_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

# driver/sqlite becomes majed_driver_sqlite.
function(majed_target_names out)
  set(names ${ARGN})
  list(TRANSFORM names REPLACE "/" "_")
  list(TRANSFORM names PREPEND majed_)
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# Tests are compiled once and run once: optimising them costs more than it gives, and so do their line numbers, which the
# sanitizers have. What they test keeps its flags.
function(majed_compile_as_test target)
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O0> $<$<NOT:$<CONFIG:Debug>>:-g0> -U_FORTIFY_SOURCE)
endfunction()

# What nearly every test includes, read by the compiler once per build.
function(majed_precompile_for_tests target)
  if(NOT TARGET majed_test_headers)
    file(WRITE ${PROJECT_BINARY_DIR}/test_headers.cpp "int main() {}\n")
    add_executable(majed_test_headers EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/test_headers.cpp)
    majed_compile_as_test(majed_test_headers)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(majed_test_headers PRIVATE -fpch-preprocess)
    endif()
    target_link_libraries(majed_test_headers PRIVATE majed_warnings GTest::gtest)
    target_precompile_headers(majed_test_headers PRIVATE <gtest/gtest.h> <algorithm> <array> <atomic> <chrono> <filesystem>
                              <fstream> <functional> <map> <memory> <mutex> <optional> <set> <sstream> <string> <thread>
                              <unordered_map> <utility> <variant> <vector>)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
  target_precompile_headers(${target} REUSE_FROM majed_test_headers)
endfunction()

function(majed_test_program target libs)
  add_executable(${target} ${ARGN})
  majed_compile_as_test(${target})
  majed_precompile_for_tests(${target})
  target_link_libraries(${target} PRIVATE ${libs} majed_warnings GTest::gtest_main)
endfunction()

function(majed_discover_tests target prefix)
  # A loaded machine under a sanitizer needs more than the default 5 s to list the tests.
  gtest_discover_tests(${target} TEST_PREFIX ${prefix} DISCOVERY_TIMEOUT 120)
endfunction()
