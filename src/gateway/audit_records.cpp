// SPDX-License-Identifier: Apache-2.0
#include "gateway/audit_records.h"

#include <utility>

namespace majed::gateway {

audit::AuditRecord record_of(const policy::Principal& principal, const QueryRequest& request,
                             const std::string& source, audit::Phase phase, std::string action) {
    audit::AuditRecord record;
    record.phase = phase;
    if (principal.kind == policy::PrincipalKind::user) record.user_id = principal.id;
    record.username = principal.name;
    if (principal.role) record.role = policy::to_string(*principal.role);
    record.action = std::move(action);
    record.resource = source;
    record.ip_address = request.origin.ip_address;
    record.user_agent = request.origin.user_agent;
    record.request_id = request.origin.request_id;
    return record;
}

}  // namespace majed::gateway
