/// What an SQLSTATE says: about the database, to the caller, and in words of our own.
///
/// Why      Pool and breaker decide by the class; the server's own text may hold names and values and goes nowhere.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Whose wish a 57014 was (wire.h knows), whether a commit is in doubt (postgres_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <string_view>

namespace majed::driver::postgres {

/// A refusal means something else while logging in: 28P01 in a statement is the statement's fault.
enum class Phase { login, statement };

struct Verdict {
    FailureClass failure;
    ErrorCode code;
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// Of any five characters; a state that is not known is judged by its first two, an unknown class as the statement's
/// fault.
[[nodiscard]] Verdict judge(std::string_view state, Phase phase) noexcept;

/// True when a connection that showed this state must not be used again.
[[nodiscard]] bool ends_connection(std::string_view state) noexcept;

/// Our words for the state: fixed text, no names, no values.
[[nodiscard]] std::string_view meaning_of(std::string_view state) noexcept;

/// PostgreSQL's own integer for the state (MAKE_SQLSTATE); 0 unless it has five characters.
[[nodiscard]] int number_of(std::string_view state) noexcept;

/// The last SQLSTATE in a message of verbosity PQERRORS_SQLSTATE; empty when it has none. libpq gives no other way
/// to the state of a refused login.
[[nodiscard]] std::string_view state_in(std::string_view message) noexcept;

/// An error for `state`: code, class, words and number.
[[nodiscard]] Error error_of_state(std::string_view state, Phase phase);

}  // namespace majed::driver::postgres
