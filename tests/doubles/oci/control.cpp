// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include "exported.h"
#include "session.h"
#include "world.h"

using majed::oci_double::abandon_lost_transactions;
using majed::oci_double::world;

MAJED_OCI int majed_oci_double_script(const char* text) {
    world().set_script(text == nullptr ? "" : text);
    abandon_lost_transactions();
    return world().script_problem() ? 0 : 1;
}

MAJED_OCI void majed_oci_double_down(int down) {
    world().set_down(down != 0);
    abandon_lost_transactions();
}

MAJED_OCI void majed_oci_double_restart() {
    world().restart();
    abandon_lost_transactions();
}

MAJED_OCI void majed_oci_double_release_hangs() {
    world().release_hangs();
}

MAJED_OCI std::uint64_t majed_oci_double_connect_attempts() {
    return world().counts.connect_attempts;
}

MAJED_OCI std::uint64_t majed_oci_double_sessions_opened() {
    return world().counts.sessions_opened;
}

MAJED_OCI std::uint64_t majed_oci_double_sessions_open() {
    return world().counts.sessions_open;
}

MAJED_OCI std::uint64_t majed_oci_double_round_trips() {
    return world().counts.round_trips;
}
