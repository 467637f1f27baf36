/// The functions guard views call: attribute, attribute list, keyed hash; and the one with which a write fails.
///
/// Why      One set of views and prepared statements serves every principal: who asks is read here, at run
///          time.
/// Life     A GuardContext outlives the connection its functions are registered on.
/// Threads  As its connection.
/// Not here Who may call them: authorizer.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/result.h"
#include "driver/guard.h"

#include <memory>
#include <string>
#include <utility>

struct sqlite3;

namespace majed::driver::sqlite {

struct GuardContext {
    std::shared_ptr<const GuardSet> guard;
    const Attributes* identity = nullptr;  ///< Set for the time of one run; none: every attribute is absent.
};

/// What conflict_function fails with: no user can make the engine say this.
[[nodiscard]] std::string conflict_text(const GuardSet& guard);

/// Errors: internal.
[[nodiscard]] Result<void> register_guard_functions(sqlite3* database, GuardContext& context);

/// Sets the identity for its own lifetime.
class IdentityInForce {
public:
    IdentityInForce(GuardContext& context, const Attributes& identity) noexcept : context_(context) {
        context_.identity = &identity;
    }
    IdentityInForce(const IdentityInForce&) = delete;
    IdentityInForce& operator=(const IdentityInForce&) = delete;
    ~IdentityInForce() { context_.identity = nullptr; }

private:
    GuardContext& context_;
};

}  // namespace majed::driver::sqlite
