/// The audit trail as the journal of the primary store: an intent before each change, an outcome after.
///
/// Why      The store says what it changes and knows no trail; the trail keeps records and knows no store.
/// Life     Asks for the trail at each change, for the store is opened first.
/// Threads  As the trail.
/// Not here Which changes there are (store/change.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "core/result.h"
#include "store/change.h"

#include <functional>
#include <string>
#include <utility>

namespace majed::app {

class AuditedChanges final : public store::ChangeJournal {
public:
    using Trail = std::function<Result<audit::AuditTrail*>()>;
    explicit AuditedChanges(Trail trail) noexcept : trail_(std::move(trail)) {}

    /// On disk when it returns. Errors: as AuditTrail::append, strict.
    [[nodiscard]] Result<std::string> intend(const store::Change& change) override;
    [[nodiscard]] Result<void> conclude(const std::string& event, const store::Change& change,
                                        const store::Images& images, const Error* failure) override;

private:
    const Trail trail_;
};

}  // namespace majed::app
