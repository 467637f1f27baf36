// SPDX-License-Identifier: Apache-2.0
// A decision that nobody made cannot exist: it could only read as "no restriction".
#include "policy/decision.h"

majed::policy::RowDecision undecided() {
#ifdef MAJED_MUST_NOT_COMPILE
    return majed::policy::RowDecision();
#else
    return majed::policy::RowDecision(majed::policy::Deny{"no rule names the table"});
#endif
}
