// SPDX-License-Identifier: Apache-2.0
#include "gateway/schema_changes.h"

namespace majed::gateway {

void SchemaChanges::note(const source::Source& source) {
    const Lock lock(mutex_);
    ++unread_[&source];
}

Result<void> SchemaChanges::read(const source::Source& source, const std::function<Result<void>()>& refresh) {
    std::uint64_t changes = 0;
    {
        const Lock lock(mutex_);
        const auto found = unread_.find(&source);
        if (found == unread_.end()) return {};
        changes = found->second;
    }
    if (!refresh()) {
        // The cause names rules, which is nothing for whoever asks next.
        return Error{ErrorCode::unavailable, "the schema of source " + source.options().name +
                                                 " was changed, and either cannot be read again or its rules "
                                                 "do not fit it"};
    }
    const Lock lock(mutex_);
    const auto found = unread_.find(&source);
    // Another change may have come since: that one is still to be read.
    if (found != unread_.end() && found->second == changes) unread_.erase(found);
    return {};
}

}  // namespace majed::gateway
