/// The sources there are, by name.
///
/// Why      A request names its source, or means the only one.
/// Life     Built by app/ from the configuration; outlives the gateway.
/// Threads  Filled by one thread; read by any afterwards.
/// Not here What a source is (source.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "source/source.h"

#include <memory>
#include <string_view>
#include <vector>

namespace majed::source {

class SourceRegistry {
public:
    /// Errors: conflict (name taken).
    [[nodiscard]] Result<void> add(std::unique_ptr<Source> source);
    /// Errors: not_found. An empty name means the only source there is.
    [[nodiscard]] Result<Source*> find(std::string_view name) const;
    [[nodiscard]] const std::vector<std::unique_ptr<Source>>& sources() const noexcept { return sources_; }

private:
    std::vector<std::unique_ptr<Source>> sources_;
};

}  // namespace majed::source
