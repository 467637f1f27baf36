/// The place in the tokens, what was expected there, and the budgets: what every rule of the grammar works with.
///
/// Why      Limits and the farthest failure are kept in one place, so that no rule can forget them.
/// Life     One per text; base of Grammar.
/// Threads  One thread at a time.
/// Not here The rules (grammar.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/arena.h"
#include "sql/budget.h"
#include "sql/dialect.h"
#include "sql/token.h"
#include "sql/tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::sql {

class Grammar;

/// A failed step returns nullptr or false and has set the error; callers return at once.
class GrammarCursor {
public:
    GrammarCursor(std::string_view text, std::span<const Token> tokens, Arena& arena, const Dialect& dialect,
                  const Budget& budget)
        : text_(text), tokens_(tokens), arena_(arena), dialect_(dialect), budget_(budget) {}

    /// After a failure: run again with it on to learn everything that could have stood there.
    void collect_expectations() noexcept { collecting_ = true; }
    [[nodiscard]] Error error() const;

private:
    friend class Grammar;  // the only user; the rules read and move the cursor all the time

    // Cursor.
    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    [[nodiscard]] bool at(Keyword keyword) const noexcept { return peek().keyword == keyword; }
    [[nodiscard]] bool at(Keyword first, Keyword second) const noexcept {
        return at(first) && peek(1).keyword == second;
    }
    [[nodiscard]] bool at(TokenKind kind) const noexcept { return peek().kind == kind; }
    [[nodiscard]] bool at_word(std::string_view lower, std::size_t ahead = 0) const noexcept;
    bool accept(Keyword keyword);
    bool accept(Keyword first, Keyword second);
    bool accept(TokenKind kind, std::string_view described);
    bool accept_word(std::string_view lower);
    bool expect(Keyword keyword);
    bool expect(TokenKind kind, std::string_view described);
    bool open_paren() { return expect(TokenKind::left_paren, "\"(\""); }
    bool close_paren() { return expect(TokenKind::right_paren, "\")\""); }
    bool comma() { return accept(TokenKind::comma, "\",\""); }
    void note_expected(std::string_view what);
    bool fail(std::string_view expected);
    bool fail_with(ErrorCode code, std::string message, std::size_t offset);
    [[nodiscard]] std::uint32_t begin_offset() const noexcept { return peek().offset; }
    [[nodiscard]] std::uint32_t end_offset() const noexcept {
        return at_ == 0 ? 0 : tokens_[at_ - 1].span().end;
    }
    [[nodiscard]] Span since(std::uint32_t begin) const noexcept { return {begin, end_offset()}; }
    [[nodiscard]] const GrammarRules& rules() const noexcept { return dialect_.grammar; }

    /// What stands behind the parenthesis that closes the one `ahead`. All pairs are found at the first question, so that
    /// parentheses in parentheses cost no more than the text is long.
    [[nodiscard]] const Token& after_parenthesis(std::size_t ahead);

    // Budgets.
    class Nested;
    bool spend_node();
    template <class T>
    [[nodiscard]] T* node() {
        return spend_node() ? arena_.make<T>() : nullptr;
    }

    // Names, names.cpp.
    [[nodiscard]] bool at_identifier(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool at_name(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool at_function_name(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool at_label(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] Name take_name();
    /// As it may be, else it failed: not empty, nor so long that the server would cut it.
    [[nodiscard]] Name quoted_name(Name name);
    bool name(Name& into, std::string_view described);
    bool label_name(Name& into, std::string_view described);
    bool name_list(List<NameNode>& names);

    std::string_view text_;
    std::span<const Token> tokens_;
    Arena& arena_;
    const Dialect& dialect_;
    const Budget& budget_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t nodes_ = 0;
    bool failed_ = false;
    bool collecting_ = false;
    Error error_;
    std::size_t farthest_ = 0;
    std::vector<std::string_view> expected_;
    std::vector<std::uint32_t> closing_;  // for the place of each left parenthesis, that of its right one
};

/// Counts nesting; `ok()` is false past the limit, with the error set.
class GrammarCursor::Nested {
public:
    explicit Nested(GrammarCursor& cursor);
    ~Nested() { --cursor_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
    GrammarCursor& cursor_;
    bool ok_;
};

}  // namespace majed::sql
