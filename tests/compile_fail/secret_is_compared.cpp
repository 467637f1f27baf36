// SPDX-License-Identifier: Apache-2.0
// A comparison that stops at the first difference tells by its time how far a guess was right.
#include "core/secret.h"

bool same(const majed::Secret& given, const majed::Secret& kept) {
#ifdef MAJED_MUST_NOT_COMPILE
    return given == kept;
#else
    return given.empty() == kept.empty();
#endif
}
