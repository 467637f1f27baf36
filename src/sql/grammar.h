/// The recursive descent itself: shared state of parse_query.cpp and parse_expression.cpp, used by parser.cpp only.
///
/// Source of the grammar: SQLite 3.40.1 src/parse.y.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/arena.h"
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

enum class GrammarMode : std::uint8_t { statement, policy_expression };

/// A failed production returns nullptr or false and has set the error; callers return at once.
class Grammar {
public:
    Grammar(std::string_view text, std::span<const Token> tokens, Arena& arena, GrammarMode mode)
        : text_(text), tokens_(tokens), arena_(arena), mode_(mode) {}

    [[nodiscard]] Select* whole_query();
    [[nodiscard]] Expr* whole_expression();
    /// After a failure: run again with it on to learn everything that could have stood there.
    void collect_expectations() noexcept { collecting_ = true; }
    [[nodiscard]] Error error() const;

private:
    // Cursor.
    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    [[nodiscard]] bool at(Keyword keyword) const noexcept { return peek().keyword == keyword; }
    [[nodiscard]] bool at(TokenKind kind) const noexcept { return peek().kind == kind; }
    bool accept(Keyword keyword);
    bool accept(TokenKind kind, std::string_view described);
    bool expect(Keyword keyword);
    bool expect(TokenKind kind, std::string_view described);
    void note_expected(std::string_view what);
    bool fail(std::string_view expected);
    bool fail_with(ErrorCode code, std::string message, std::size_t offset);
    [[nodiscard]] std::uint32_t begin_offset() const noexcept { return peek().offset; }
    [[nodiscard]] std::uint32_t end_offset() const noexcept {
        return at_ == 0 ? 0 : tokens_[at_ - 1].span().end;
    }
    [[nodiscard]] Span since(std::uint32_t begin) const noexcept { return {begin, end_offset()}; }

    // Budgets.
    class Nested;
    bool spend_node();
    template <class T>
    [[nodiscard]] T* node() {
        return spend_node() ? arena_.make<T>() : nullptr;
    }
    bool measure(Expr& expr);

    // Names.
    [[nodiscard]] bool at_identifier(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool at_name(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool at_query() const noexcept;
    [[nodiscard]] Name take_name();
    bool name(Name& into, std::string_view described);
    bool alias(Name& into);

    // Expressions, parse_expression.cpp.
    [[nodiscard]] Expr* expression(int min_power = 0);
    [[nodiscard]] Expr* operand();
    [[nodiscard]] Expr* prefix(Operator op, int power);
    [[nodiscard]] Expr* literal(Operator op);
    [[nodiscard]] Expr* parenthesized();
    [[nodiscard]] Expr* keyword_operand();
    [[nodiscard]] Expr* name_operand();
    [[nodiscard]] Expr* bind();
    [[nodiscard]] Expr* call(std::uint32_t begin, const Name& function);
    bool call_tail(Expr& call);
    [[nodiscard]] Expr* cast();
    [[nodiscard]] Expr* case_when();
    [[nodiscard]] Expr* exists();
    [[nodiscard]] Expr* infix(Expr* left, int min_power, bool& done);
    [[nodiscard]] Expr* keyword_infix(Expr* left, int min_power, bool& done);
    [[nodiscard]] Expr* binary(Expr* left, Operator op, int power, std::size_t tokens);
    [[nodiscard]] Expr* is_infix(Expr* left);
    [[nodiscard]] Expr* negatable_infix(Expr* left, bool negated);
    [[nodiscard]] Expr* like(Expr* left, Operator op, bool negated);
    [[nodiscard]] Expr* between(Expr* left, bool negated);
    [[nodiscard]] Expr* in(Expr* left, bool negated);
    [[nodiscard]] Expr* postfix(Expr* left, ExprKind kind, bool negated, std::size_t tokens);
    bool expression_list(List<Expr>& list);
    bool type_name(Name& into);
    [[nodiscard]] Expr* finish(Expr* expr, std::uint32_t begin);

    // Queries, parse_query.cpp.
    [[nodiscard]] Select* query();
    [[nodiscard]] With* with_clause();
    [[nodiscard]] Cte* cte();
    [[nodiscard]] Core* core();
    bool core_clauses(Core& core);
    bool values_rows(Core& core);
    bool compound_operator(CompoundOperator& op);
    bool result_columns(Core& core);
    [[nodiscard]] ResultColumn* result_column();
    bool from_items(List<FromItem>& items);
    bool join_operator(Join& join, bool& found);
    [[nodiscard]] FromItem* from_item();
    bool table_reference(FromItem& item);
    bool from_parenthesis(FromItem& item);
    bool index_hint(FromItem& item);
    bool join_condition(FromItem& item);
    bool name_list(List<NameNode>& names);
    [[nodiscard]] bool at_window_clause() const noexcept;
    bool window_clause(Core& core);
    [[nodiscard]] Window* window_definition();
    bool window_frame(Window& window);
    bool frame_bound(Expr*& into, Keyword unbounded_side);
    [[nodiscard]] Window* over_clause();
    bool order_terms(List<OrderTerm>& terms);
    bool order_and_limit(Select& select);

    std::string_view text_;
    std::span<const Token> tokens_;
    Arena& arena_;
    GrammarMode mode_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t nodes_ = 0;
    bool failed_ = false;
    bool collecting_ = false;
    Error error_;
    std::size_t farthest_ = 0;
    std::vector<std::string_view> expected_;
};

/// Counts nesting; `ok()` is false past the limit, with the error set.
class Grammar::Nested {
public:
    explicit Nested(Grammar& grammar);
    ~Nested() { --grammar_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
    Grammar& grammar_;
    bool ok_;
};

}  // namespace majed::sql
