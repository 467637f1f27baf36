// SPDX-License-Identifier: Apache-2.0
// A session takes the proof of a decision, never text.
#include "driver/session.h"

majed::Result<void> prepare(majed::driver::Session& session,
                            const majed::driver::AuthorizedStatement& decided) {
#ifdef MAJED_MUST_NOT_COMPILE
    return session.prepare("SELECT * FROM customers");
#else
    return session.prepare(decided);
#endif
}
