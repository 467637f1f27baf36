// SPDX-License-Identifier: Apache-2.0
// A secret that could be streamed would end in a log line.
#include "core/secret.h"

#include <ostream>

void log_line(std::ostream& out, const majed::Secret& password) {
#ifdef MAJED_MUST_NOT_COMPILE
    out << password;
#else
    out << password.empty();
#endif
}
