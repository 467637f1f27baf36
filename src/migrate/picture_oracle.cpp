// SPDX-License-Identifier: Apache-2.0
#include "migrate/picture_reading.h"
namespace majed::migrate {
Result<SchemaPicture> picture_of_oracle(driver::Connection&, Deadline) {
    return Error{ErrorCode::unsupported, "pictures of Oracle schemas are not offered"};
}
}  // namespace majed::migrate
