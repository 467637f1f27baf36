/// The recursive descent itself: the rules, written down in the files parse_*.cpp; used by parser.cpp only.
///
/// Sources of the grammar: parse.y of SQLite 3.40.1; gram.y of PostgreSQL 15; Oracle's SQL Language Reference 19c and 23ai.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/arena.h"
#include "sql/dialect.h"
#include "sql/grammar_cursor.h"
#include "sql/parser.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/write_tree.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace majed::sql {

enum class GrammarMode : std::uint8_t { statement, policy_expression };

class Grammar : private GrammarCursor {
public:
    Grammar(std::string_view text, std::span<const Token> tokens, Arena& arena, const Dialect& dialect,
            GrammarMode mode, const Budget& budget)
        : GrammarCursor(text, tokens, arena, dialect, budget), mode_(mode) {}

    [[nodiscard]] Select* whole_query();
    [[nodiscard]] Statement whole_statement();  ///< Neither query nor write: failed.
    [[nodiscard]] Expr* whole_expression();
    [[nodiscard]] bool met_write() const noexcept { return met_write_; }  ///< In a query: refused.
    using GrammarCursor::collect_expectations, GrammarCursor::error;

private:
    [[nodiscard]] bool at_query(std::size_t ahead = 0);
    [[nodiscard]] bool at_bare_label() const noexcept;
    [[nodiscard]] bool at_bare_alias() const noexcept;
    bool result_alias(Name& into);
    bool table_alias(Name& into);
    bool measure(Expr& expr);
    using GrammarCursor::node;
    [[nodiscard]] Expr* node(ExprKind kind);

    // Expressions, parse_expression.cpp.
    [[nodiscard]] Expr* expression(int min_power = 0);
    [[nodiscard]] Expr* infix(Expr* left, int min_power, bool& done);
    [[nodiscard]] Expr* keyword_infix(Expr* left, int min_power, bool& done);
    [[nodiscard]] Expr* binary(Expr* left, Operator op, int power, std::size_t tokens);
    [[nodiscard]] Expr* custom_operator(Expr* left, int power);
    bool operator_name(Name& into);
    [[nodiscard]] Expr* operator_infix(Expr* left, int min_power, bool& done);
    [[nodiscard]] Expr* quantified(Expr* left, Operator op, Span written);
    [[nodiscard]] bool at_quantifier(std::size_t ahead) const noexcept;
    [[nodiscard]] bool takes_quantifier(Operator op) const noexcept;
    [[nodiscard]] Expr* is_infix(Expr* left);
    [[nodiscard]] Expr* is_test(Expr* left);
    [[nodiscard]] Expr* negatable_infix(Expr* left, bool negated);
    [[nodiscard]] Expr* like(Expr* left, Operator op, bool negated);
    [[nodiscard]] Operator pattern_operator() const noexcept;
    [[nodiscard]] Expr* between(Expr* left, bool negated);
    [[nodiscard]] Expr* in(Expr* left, bool negated);
    [[nodiscard]] Expr* postfix(Expr* left, ExprKind kind, bool negated, std::size_t tokens);
    [[nodiscard]] Expr* at_time_zone(Expr* left);
    [[nodiscard]] Expr* collation(Expr* left);
    [[nodiscard]] Expr* double_colon(Expr* left);
    [[nodiscard]] Expr* multiset(Expr* left);
    bool expression_list(List<Expr>& list);
    [[nodiscard]] Expr* finish(Expr* expr, std::uint32_t begin);

    // Operands, parse_operand.cpp.
    [[nodiscard]] Expr* operand();
    [[nodiscard]] Expr* plain_operand();
    [[nodiscard]] Expr* keyword_operand();
    [[nodiscard]] Expr* prefix(Operator op, int power, std::size_t tokens = 1);
    [[nodiscard]] Expr* prefix_operator();
    [[nodiscard]] Expr* literal(Operator op);
    [[nodiscard]] Expr* parenthesized();
    [[nodiscard]] Expr* row_of(Expr* first);
    [[nodiscard]] Expr* name_operand();
    bool name_chain(Expr& expr);
    bool shift_name(Expr& expr);
    [[nodiscard]] Expr* indirection(Expr* left);
    [[nodiscard]] Expr* subscript(Expr* left);
    [[nodiscard]] Expr* bind();
    [[nodiscard]] Expr* case_when();
    [[nodiscard]] Expr* exists();
    [[nodiscard]] Expr* array();
    [[nodiscard]] Expr* array_elements();
    [[nodiscard]] Expr* typed_literal();
    [[nodiscard]] Expr* interval_literal();
    bool interval_fields();
    [[nodiscard]] bool at_interval_expression() const noexcept;
    [[nodiscard]] Expr* clock();

    // Calls, parse_call.cpp.
    [[nodiscard]] Expr* call(std::uint32_t begin, Expr* expr);
    [[nodiscard]] Expr* special_call();
    [[nodiscard]] bool at_special_call() const noexcept;
    bool special_arguments(Expr& call, Keyword function);
    bool arguments(Expr& call);
    bool argument(List<Expr>& list, int min_power = 0);
    bool argument_words(Expr& call);
    bool prediction(Expr& call);
    bool separated(Expr& call, std::initializer_list<Keyword> separators);
    bool extract_arguments(Expr& call);
    bool trim_arguments(Expr& call);
    bool json_arguments(Expr& call);
    [[nodiscard]] bool at_json_key() const noexcept;
    bool json_clause(Expr& call);
    bool xml_arguments(Expr& call, std::string_view function);
    bool xml_passing(Expr& call);
    bool xml_element(Expr& call);
    bool xml_items(Expr& call);
    bool xml_serialize(Expr& call);
    bool call_tail(Expr& call);
    bool ordered_tail(Expr& call);
    [[nodiscard]] bool is_windowless(const Expr& call) const noexcept;
    bool order_in_call(Expr& call);
    [[nodiscard]] Expr* cast();
    bool cast_tail(Expr& cast);

    // Types, parse_type.cpp.
    bool type_name(Name& into);
    bool sqlite_type();
    bool postgres_type();
    bool postgres_simple_type();
    bool oracle_type();
    bool type_arguments();
    bool array_bounds();
    bool time_zone_words();

    // Queries, parse_query.cpp.
    [[nodiscard]] Select* query();
    [[nodiscard]] Select* query_behind(With* with, std::uint32_t begin);
    bool query_body(Select& select);
    [[nodiscard]] With* with_clause();
    [[nodiscard]] Cte* cte();
    bool cte_tail(Cte& cte);
    [[nodiscard]] Core* core();
    [[nodiscard]] Core* nested_core();
    [[nodiscard]] Core* table_core();
    bool select_quantifier(Core& core);
    bool condition(Expr*& into);
    bool core_clauses(Core& core);
    bool hierarchical(Core& core);
    bool group_by(Core& core);
    [[nodiscard]] Expr* grouping_element();
    bool values_rows(Core& core);
    bool compound_operator(CompoundOperator& op);
    bool result_columns(Core& core);
    [[nodiscard]] ResultColumn* result_column();
    bool result_star(ResultColumn& column, bool& found);
    bool order_terms(List<OrderTerm>& terms);
    bool query_tail(Select& select);
    bool limit_clauses(Select& select);
    bool fetch_clause(Select& select);
    bool sqlite_limit(Expr*& limit, Expr*& offset);
    bool locking_clauses(Select& select);

    // FROM, parse_from.cpp.
    bool from_items(List<FromItem>& items);
    bool join_operator(Join& join, bool& found);
    [[nodiscard]] FromItem* join_right(const Join& join);
    [[nodiscard]] bool words_begin_join() const noexcept;
    bool words_of_join(Join& join, std::uint32_t begin);
    bool ordered_words_of_join(Join& join);
    [[nodiscard]] FromItem* from_item();
    bool from_source(FromItem& item);
    bool from_tail(FromItem& item);
    bool qualified_name(FromItem& item);
    bool written_name(FromItem& item);
    bool table_reference(FromItem& item);
    bool sqlite_table_arguments(FromItem& item);
    bool from_parenthesis(FromItem& item);
    bool from_function(FromItem& item, Expr* first);
    bool rows_from(FromItem& item);
    bool table_expression(FromItem& item);
    bool table_of_document(FromItem& item);
    bool xml_table_source(Expr& call);
    bool json_table_source(Expr& call);
    bool document_columns(FromItem& item, Expr& call);
    bool document_column(Expr& call);
    bool alias_columns(FromItem& item, bool typed, bool defined);
    bool index_hint(FromItem& item);
    bool sample_clause(FromItem& item);
    bool partition_clause(List<Expr>& values);
    bool accept_outer_join_mark();
    bool refused_transformation();
    bool table_version(FromItem& item);
    bool join_condition(FromItem& item);

    // Windows, parse_window.cpp.
    [[nodiscard]] bool at_window_clause() const noexcept;
    bool window_clause(Core& core);
    [[nodiscard]] Window* window_definition();
    bool window_frame(Window& window);
    bool frame_bound(Expr*& into, Keyword unbounded_side);
    [[nodiscard]] Window* over_clause();

    // Writes, parse_write.cpp.
    bool end_of_statement();
    [[nodiscard]] bool at_write_verb() const noexcept;
    [[nodiscard]] Write* write(With* with, std::uint32_t begin);
    bool insert(Write& write, std::uint32_t verb);
    bool insert_source(Write& write);
    bool update(Write& write, std::uint32_t verb);
    bool deletion(Write& write, std::uint32_t verb);
    bool on_violation(OnViolation& into);
    bool overriding(Overriding& into);
    bool conflict_clauses(Write& write);
    [[nodiscard]] ConflictClause* conflict_clause();
    bool conflict_targets(List<OrderTerm>& targets);
    [[nodiscard]] OrderTerm* conflict_target();
    bool write_sources(Write& write, Keyword word);
    bool write_condition(Expr*& into);
    bool write_tail(Write& write);
    bool returning(Write& write);
    bool row_limit(Write& write);

    // What is written to, parse_target.cpp.
    [[nodiscard]] FromItem* insert_target();
    [[nodiscard]] FromItem* write_target();
    bool target_query(FromItem& item);
    [[nodiscard]] bool at_query_in_parentheses();
    bool inserted_columns(const FromItem& target, List<NameNode>& columns, List<Expr>& parts, Span& span);
    bool written_columns(const FromItem* target, List<NameNode>& columns, List<Expr>& parts);
    bool written_column(const FromItem* target, List<NameNode>& columns, List<Expr>& parts);
    bool target_qualifier(const FromItem& target);
    bool assignments(const FromItem* target, List<Assignment>& list);
    [[nodiscard]] Expr* value();
    bool value_list(List<Expr>& list);
    [[nodiscard]] Expr* row_value();
    [[nodiscard]] bool at_row_with_default() const noexcept;

    // MERGE, parse_merge.cpp.
    bool merge(Write& write, std::uint32_t verb);
    [[nodiscard]] MergeBranch* merge_branch(const FromItem& target);
    bool merge_matched(const FromItem& target, MergeBranch& branch);
    bool merge_insert(const FromItem& target, MergeBranch& branch);

    GrammarMode mode_;
    bool takes_defaults_ = false;  // the next rows of VALUES are those of an INSERT
    bool met_write_ = false;
    std::size_t within_group_end_ = 0;  // the place behind the last WITHIN GROUP
};

}  // namespace majed::sql
