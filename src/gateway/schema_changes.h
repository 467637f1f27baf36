/// Which sources have a schema that was changed by us and not been read since.
///
/// Why      What was decided about the old schema must not be run on the new one.
/// Life     Of one gateway.
/// Threads  All methods may be called from any thread.
/// Not here Changes made by others, which sessions and health checks notice.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "source/source.h"

#include <cstdint>
#include <functional>
#include <map>

namespace majed::gateway {

class SchemaChanges {
public:
    /// A statement about the schema ended, well or not.
    void note(const source::Source& source);

    /// Calls `refresh` where the schema was changed since it was last read. Errors: unavailable (it cannot be read, or the
    /// rules do not fit it): the source must not be asked.
    [[nodiscard]] Result<void> read(const source::Source& source,
                                    const std::function<Result<void>()>& refresh);

private:
    Mutex mutex_;
    std::map<const source::Source*, std::uint64_t> unread_ MAJED_GUARDED_BY(mutex_);  ///< How many changes.
};

}  // namespace majed::gateway
