/// What every audit record of a statement begins with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "gateway/gateway.h"
#include "policy/principal.h"

#include <string>

namespace majed::gateway {

/// Who, from where, on which source; without details.
[[nodiscard]] audit::AuditRecord record_of(const policy::Principal& principal, const QueryRequest& request,
                                           const std::string& source, audit::Phase phase, std::string action);

}  // namespace majed::gateway
