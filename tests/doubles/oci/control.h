/// What a test in the same process may ask of the double, by dlsym on the library that ODPI-C loaded.
///
/// Why      A test says "the server restarts now" between two calls of the code it tests.
/// Life     Functions over the one world of the process.
/// Threads  Any.
/// Not here The same from another process: the control file, see README.md.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

extern "C" {

/// Replaces the script; null or empty for none. Answers 0 when it was not understood.
int majed_oci_double_script(const char* text);
/// Down: sessions are lost, connecting answers ORA-12541. Up again: connecting works.
void majed_oci_double_down(int down);
/// The server went away and is back: every session opened before is lost.
void majed_oci_double_restart();
/// Ends every hang of the script at once.
void majed_oci_double_release_hangs();

std::uint64_t majed_oci_double_connect_attempts();
std::uint64_t majed_oci_double_sessions_opened();
std::uint64_t majed_oci_double_sessions_open();
std::uint64_t majed_oci_double_round_trips();
}
