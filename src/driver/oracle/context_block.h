/// What a session tells the database of who asks, where its own policies hold the rules: one block before a statement, one behind.
///
/// Why      Policies of Virtual Private Database read an application context, which nothing but its package can set.
/// Life     One for each session, made of its guards.
/// Threads  Immutable once made.
/// Not here Sending the blocks (governed_session.h), the package and the policies (rewrite/native_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/result.h"
#include "driver/guard.h"
#include "driver/run.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::oracle {

/// `["EU","US"]`. Empty values are left out: they would be NULL, which no value is like and none is unlike.
[[nodiscard]] std::string json_list(const std::vector<std::string>& values);

class ContextBlock {
public:
    explicit ContextBlock(const GuardSet& guard);

    /// The server is told at all. Else the rest means nothing.
    [[nodiscard]] bool wanted() const noexcept { return wanted_; }
    /// There is a package to tell it to.
    [[nodiscard]] bool possible() const noexcept { return !begin_.empty(); }
    /// Forgets whom it was told of before, and says who asks now; takes `values`.
    [[nodiscard]] const std::string& begin() const noexcept { return begin_; }
    [[nodiscard]] const std::string& end() const noexcept { return end_; }
    /// What is absent is NULL. Errors: invalid_argument (an attribute is too long for a context).
    [[nodiscard]] Result<Parameters> values(const Attributes& identity) const;

private:
    bool wanted_ = false;
    std::vector<std::string> attributes_;
    std::string begin_;
    std::string end_;
};

}  // namespace majed::driver::oracle
