/// What a person needs beside a refusal: where in the text, and what is there instead.
///
/// Why      "There is no such table" is answered with the next question; check answers it at once.
/// Life     Pure functions.
/// Threads  Any.
/// Not here What is refused (sql/, policy/): nothing here knows more than the principal's own profile shows, so a
///          table that is denied and one that does not exist are explained alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "gateway/gateway.h"
#include "rewrite/enforcement.h"
#include "sql/dialect.h"

#include <cstddef>
#include <string_view>

namespace majed::gateway {

/// The place of byte `offset`; columns count characters.
[[nodiscard]] TextPlace place_in(std::string_view sql, std::size_t offset);

/// What one principal may run on one source, beside queries.
struct Offers {
    bool writes = false;          ///< Where a rule gives them.
    bool administration = false;  ///< Statements about the schema, by this very door.
};

/// `error` of a statement of another class than is offered, with a hint where it has none: where such a thing is done, and
/// what may be run here. Any other error as it is.
[[nodiscard]] Error with_what_may_be_run(Error error, std::string_view statement_class, Offers offers);

/// What was not run.
struct RefusedStatement {
    std::string_view sql;
    std::string_view statement_class;
    Offers offers;
    const sql::Dialect& dialect;
};

/// `error`, of a statement that was decided for `profile`, with a hint where it has none: as above, or the tables or
/// columns the profile shows whose names are near.
[[nodiscard]] Error explained(Error error, const RefusedStatement& refused, const rewrite::Profile& profile);

}  // namespace majed::gateway
