// SPDX-License-Identifier: Apache-2.0
#include "cli/context.h"

#include "telemetry/request_id.h"

namespace majed::cli {

Result<Installation*> Context::opened() {
    if (installation == nullptr) {
        MAJED_TRY_ASSIGN(installation, program.open(choice));
    }
    return installation.get();
}

Result<void> audited(Context& context, const AdministrativeAct& act,
                     const std::function<Result<void>()>& work) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, installation->audit());
    audit::AuditRecord record;
    record.phase = audit::Phase::intent;
    record.event_id = telemetry::make_request_id();
    // Who holds the files is not one of our users: the operating system knows, the gateway does not.
    record.username = "local";
    record.action = act.action;
    record.resource = act.resource;
    record.resource_id = act.resource_id;
    record.request_id = record.event_id;
    MAJED_TRY(trail->append(record, audit::Assurance::strict));
    const auto done = work();
    record.phase = audit::Phase::outcome;
    if (act.details != nullptr) record.details = *act.details;
    if (!done) record.fail(done.error());
    const auto recorded = trail->append(record, audit::Assurance::strict);
    return done ? recorded : done;
}

}  // namespace majed::cli
