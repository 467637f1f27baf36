// SPDX-License-Identifier: Apache-2.0
// Engines whose drivers are not wired into this suite; their tests report skipped.
#include "contract/driver_under_test.h"

namespace majed::contract {

Availability make_postgresql() {
    return {nullptr, "no PostgreSQL driver"};
}
Availability make_oracle_double() {
    return {nullptr, "no Oracle driver"};
}
Availability make_oracle_server() {
    return {nullptr, "no Oracle driver"};
}

}  // namespace majed::contract
