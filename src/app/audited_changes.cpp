// SPDX-License-Identifier: Apache-2.0
#include "app/audited_changes.h"

#include "telemetry/request_id.h"

namespace majed::app {
namespace {

audit::AuditRecord record_of(const std::string& event, const store::Change& change, audit::Phase phase) {
    const store::OperationTraits& traits = traits_of(change.operation);
    const store::Actor& actor = change.actor;
    audit::AuditRecord record;
    record.phase = phase;
    record.event_id = event;
    record.user_id = actor.user_id;
    record.username = actor.name;
    record.role = actor.role;
    record.action = traits.action;
    record.resource = traits.resource;
    record.resource_id = change.resource_id;
    record.ip_address = actor.ip_address;
    record.user_agent = actor.user_agent;
    record.request_id = actor.request_id.empty() ? event : actor.request_id;
    return record;
}

/// Both are JSON already.
std::string details_of(const store::Images& images) {
    if (images.before.empty() && images.after.empty()) return {};
    const auto or_null = [](const std::string& json) { return json.empty() ? std::string("null") : json; };
    return "{\"before\":" + or_null(images.before) + ",\"after\":" + or_null(images.after) + "}";
}

}  // namespace

Result<std::string> AuditedChanges::intend(const store::Change& change) {
    MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, trail_());
    // What cannot be told is not done.
    if (traits_of(change.operation).images == store::Sensitivity::sensitive) MAJED_TRY(trail->can_seal());
    std::string event = telemetry::make_request_id();
    MAJED_TRY(trail->append(record_of(event, change, audit::Phase::intent), audit::Assurance::strict));
    return event;
}

Result<void> AuditedChanges::conclude(const std::string& event, const store::Change& change,
                                      const store::Images& images, const Error* failure) {
    MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, trail_());
    audit::AuditRecord record = record_of(event, change, audit::Phase::outcome);
    if (failure != nullptr) {
        record.fail(*failure);
    } else {
        const bool sensitive = traits_of(change.operation).images == store::Sensitivity::sensitive;
        (sensitive ? record.sensitive : record.details) = details_of(images);
    }
    return trail->append(std::move(record), audit::Assurance::strict);
}

}  // namespace majed::app
