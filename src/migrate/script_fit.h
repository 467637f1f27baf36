/// How a statement gets on with the transaction around it, by its first tokens.
///
/// Why      A list of what the engines refuse or ignore in a transaction; tests/splitting proves it against them.
/// Life     Values.
/// Threads  Values.
/// Not here Where statements end (script_boundary.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/dialect.h"
#include "migrate/script.h"
#include "migrate/script_lexer.h"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

/// The first tokens of a statement in lower case; of quoted things their quote and the beginning of what it encloses.
class StatementHead {
public:
    void clear() noexcept { tokens_.clear(); }
    void take(const Lexer& lexer, const Token& token);

    /// Empty behind the end.
    [[nodiscard]] std::string_view at(std::size_t place) const noexcept;
    /// The token is one of `words`.
    [[nodiscard]] bool is(std::size_t place, std::initializer_list<std::string_view> words) const noexcept;
    [[nodiscard]] bool holds(std::string_view word) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return tokens_.size(); }

private:
    std::vector<std::string> tokens_;
};

[[nodiscard]] TransactionFit fit_of(Dialect dialect, const StatementHead& head);

/// `SET search_path = app`, `PRAGMA foreign_keys = off`, `ALTER SESSION SET ...`.
[[nodiscard]] bool sets_session_only(Dialect dialect, const StatementHead& head);

}  // namespace majed::migrate
