// SPDX-License-Identifier: Apache-2.0
// Only gateway::StatementAuthorizer makes an AuthorizedStatement; others may hand on what they were given.
#include "driver/authorized_statement.h"

namespace majed::api {

driver::AuthorizedStatement authorize(const driver::AuthorizedStatement& given) {
#ifdef MAJED_MUST_NOT_COMPILE
    (void)given;
    return driver::AuthorizedStatement();
#else
    return given;
#endif
}

}  // namespace majed::api
