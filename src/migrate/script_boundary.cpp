// SPDX-License-Identifier: Apache-2.0
#include "migrate/script_boundary.h"

#include <utility>

namespace majed::migrate {

Result<void> Parentheses::balanced() const {
    if (open()) {
        return Error{.code = ErrorCode::parse_error, .message = "a parenthesis is not closed"}.at(opened_);
    }
    return {};
}

Error client_command(const Token& token, std::string hint) {
    return Error{.code = ErrorCode::parse_error,
                 .message = "this is a command of a client program, not of the database",
                 .hint = std::move(hint)}
        .at(token.begin);
}

std::unique_ptr<Boundary> boundary_of(Dialect dialect, const Lexer& lexer) {
    switch (dialect) {
        case Dialect::sqlite:
            return sqlite_boundary(lexer);
        case Dialect::postgresql:
            return postgresql_boundary(lexer);
        case Dialect::oracle:
            return oracle_boundary(lexer);
    }
    return nullptr;
}

}  // namespace majed::migrate
