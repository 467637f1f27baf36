/// How a function becomes one of the library's: C names, visible, nothing else is.
///
/// Why      ODPI-C finds functions by name; a program must not meet any other name of ours.
/// Life     A macro.
/// Threads  -
/// Not here The functions: calls_*.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#define MAJED_OCI extern "C" __attribute__((visibility("default")))
