/// What a governed session says to the server before each statement, and once when it is opened.
///
/// Why      Limits, the search path and who asks are part of the guard: they are set in the transaction that they hold for,
///          by one statement, so that nothing can be forgotten and nothing outlives it.
/// Life     Made with the session, of its guard.
/// Threads  Immutable once made.
/// Not here Sending it (governed_session.h), what the settings mean to policies (driver/native_context.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/deadline.h"
#include "core/value.h"
#include "driver/guard.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::postgres {

/// `{"north","so\"uth"}`: as the server reads an array of text, whatever the texts hold.
[[nodiscard]] std::string text_array(const std::vector<std::string>& texts);

class SessionSetting {
public:
    explicit SessionSetting(const GuardSet& guard);

    /// For the whole session, one statement each. What the login may not set is left as the server has it.
    [[nodiscard]] static std::vector<std::string> at_opening(const GuardSet& guard, int server_version);

    /// Sets all for the transaction it runs in. Takes `values`.
    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
    [[nodiscard]] std::vector<Value> values(const Attributes& identity, Deadline deadline) const;

private:
    std::string sql_;
    std::vector<std::string>
        context_;  ///< Attributes that are set; the role first. Empty: the server is not told.
};

}  // namespace majed::driver::postgres
