/// Tokens to tree: exactly one query or write of a dialect's grammar, or an error with a place.
///
/// Why      What is not understood is refused; there is no node for "some statement".
/// Life     Owns the tree; reused for many statements, each `parse` forgets the one before.
/// Threads  One thread at a time.
/// Not here What names mean (resolver.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/arena.h"
#include "sql/budget.h"
#include "sql/dialect.h"
#include "sql/statement_class.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/write_tree.h"

#include <span>
#include <string_view>
#include <vector>

namespace majed::sql {

/// What was parsed: a query or a write, as `statement_class` says.
struct Statement {
    StatementClass statement_class = StatementClass::unknown;
    Select* query = nullptr;
    Write* write = nullptr;
};

class Parser {
public:
    explicit Parser(const Dialect& dialect = sqlite_dialect(), const Budget& budget = callers_budget)
        : dialect_(&dialect), budget_(budget) {}

    /// The query in `text`, which must outlive the tree.
    /// Errors: parse_error (offset, what was expected), denied (a statement of another class; the message names
    /// it), too_large.
    [[nodiscard]] Result<Select*> parse(std::string_view text);

    /// The query or write in `text`, which must outlive the tree. Errors: as parse; a write is none.
    [[nodiscard]] Result<Statement> parse_statement(std::string_view text);

    /// One expression, with `:user.<attribute>` as ExprKind::attribute: predicates and masks of policies.
    /// Errors: parse_error, too_large.
    [[nodiscard]] Result<Expr*> parse_policy_expression(std::string_view text);

    /// Tokens of the last text, ended by TokenKind::end.
    [[nodiscard]] std::span<const Token> tokens() const noexcept { return tokens_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// Class of the last text; unknown when it could not be lexed.
    [[nodiscard]] StatementClass statement_class() const noexcept { return class_; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return *dialect_; }
    [[nodiscard]] const Budget& budget() const noexcept { return budget_; }
    /// For nodes that belong to this tree.
    [[nodiscard]] Arena& arena() noexcept { return arena_; }

private:
    const Dialect* dialect_;
    Budget budget_;
    std::string_view text_;
    std::vector<Token> tokens_;
    Arena arena_;
    StatementClass class_ = StatementClass::unknown;
};

}  // namespace majed::sql
