// SPDX-License-Identifier: Apache-2.0
#include "gateway/identity.h"

#include <string>
#include <vector>

namespace majed::gateway {
namespace {

/// The principal's attributes, with `name`, `id` and `role`, which nobody can set.
Attributes full_identity_of(const policy::Principal& principal) {
    Attributes identity = principal.attributes;
    identity.insert_or_assign("name", std::vector<std::string>{principal.name});
    identity.insert_or_assign("id", std::vector<std::string>{std::to_string(principal.id)});
    if (principal.role) {
        identity.insert_or_assign("role",
                                  std::vector<std::string>{std::string(policy::to_string(*principal.role))});
    } else {
        identity.erase("role");
    }
    return identity;
}

}  // namespace

Identity::Identity(const policy::Principal& principal, const rewrite::Enforcement& enforcement) {
    const bool asked = enforcement.uses_attribute("name") || enforcement.uses_attribute("id") ||
                       enforcement.uses_attribute("role") || enforcement.guard_set()->native;
    const Attributes& more = enforcement.own_parameters();
    if (asked) full_ = full_identity_of(principal);
    if (!asked && !more.empty()) full_ = principal.attributes;
    for (const auto& [name, values] : more) full_.insert_or_assign(name, values);
    attributes_ = asked || !more.empty() ? &full_ : &principal.attributes;
}

}  // namespace majed::gateway
