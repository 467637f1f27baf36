# SPDX-License-Identifier: Apache-2.0
# How our own code is compiled: warnings are errors, hostile input meets a hardened program.

# -g1 keeps line numbers in a backtrace at a fraction of the build time and size of -g.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
# Not optimised: under the sanitizers that takes minutes more than the tests then save.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1 -fno-omit-frame-pointer")

add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(MAJED_SANITIZE)
  add_compile_options(-fsanitize=${MAJED_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MAJED_SANITIZE})
  # Each check of the sanitizers brings addresses of its own, 800000 in majed: at a fixed place the loader has none to
  # rewrite at every start.
  if(MAJED_SANITIZE MATCHES address)
    add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  endif()
  # GCC and Clang tell the code in different ways.
  add_compile_definitions(MAJED_SANITIZED)
  if(MAJED_SANITIZE MATCHES thread)
    add_compile_definitions(MAJED_SANITIZED_THREADS)
  endif()
  # Clang 14 cannot assemble its check of called functions for what is a coroutine; GCC has no such check.
  add_compile_options($<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  # GCC's own advice: instrumented code confuses this warning; the release build keeps it.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
else()
  add_compile_options(-fstack-protector-strong)
  add_compile_definitions($<$<CONFIG:RelWithDebInfo>:_FORTIFY_SOURCE=2>)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

# Fifty programs are linked, most of them tests: with the linker of LLVM in a third of the time.
find_program(lld ld.lld)
if(lld)
  add_link_options(-fuse-ld=lld)
endif()

find_program(ccache ccache)
if(ccache AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What it must overlook to keep what is compiled from a precompiled header, by its own manual.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${ccache})
endif()

add_library(majed_warnings INTERFACE)
target_compile_options(majed_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wswitch-enum -Werror $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
# Of files that are compiled together, what one names is neither hidden nor exported by the next.
# Clang cannot be told so; GCC looks for what is hidden in the release build.
if(MAJED_UNITY)
  target_compile_options(majed_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local> $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
else()
  target_compile_options(majed_warnings INTERFACE -Wshadow)
endif()
