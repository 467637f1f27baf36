// SPDX-License-Identifier: Apache-2.0
// A copied secret is one more place that must be wiped.
#include "core/secret.h"

#include <utility>

majed::Secret take(majed::Secret& password) {
#ifdef MAJED_MUST_NOT_COMPILE
    return password;
#else
    return std::move(password);
#endif
}
