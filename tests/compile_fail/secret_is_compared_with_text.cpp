// SPDX-License-Identifier: Apache-2.0
// As two secrets: the text on the other side is a guess, whichever side it stands on.
#include "core/secret.h"

#include <string>

bool same(const std::string& guess, const majed::Secret& kept) {
#ifdef MAJED_MUST_NOT_COMPILE
    return guess != kept;
#else
    return guess.empty() != kept.empty();
#endif
}
