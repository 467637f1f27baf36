/// What the rules of one source may ask about a principal; a copy only where they ask for more than was set.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "policy/principal.h"
#include "rewrite/enforcement.h"

namespace majed::gateway {

class Identity {
public:
    /// Both must outlive it.
    Identity(const policy::Principal& principal, const rewrite::Enforcement& enforcement);
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    ~Identity() = default;
    [[nodiscard]] const Attributes& attributes() const noexcept { return *attributes_; }

private:
    Attributes full_;
    const Attributes* attributes_;
};

}  // namespace majed::gateway
