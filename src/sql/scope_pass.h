/// The resolver's walk for PostgreSQL and Oracle: names with the scopes of the SQL standard.
///
/// Why      SQLite finds names by rules of its own (resolution_pass.h); these two agree but for what ScopeRules says.
/// Life     One pass per statement.
/// Threads  One thread at a time.
/// Not here What may be read (Schema), what is done about it (rewrite/).
///
/// Sources: PostgreSQL 15 src/backend/parser/parse_relation.c (colNameToVar, scanNSItemForColumn), parse_expr.c
/// (transformColumnRef), parse_clause.c (findTargetlistEntrySQL92, transformFromClauseItem), parse_func.c
/// (ParseFuncOrColumn), parse_target.c (FigureColname); Oracle Database SQL Language Reference 19c, 23ai.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/arena.h"
#include "sql/dialect.h"
#include "sql/resolution_pass.h"
#include "sql/resolver.h"
#include "sql/schema.h"
#include "sql/tree.h"
#include "sql/write_tree.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::sql {

struct NameScope;

/// A WITH clause in force, as far as it is seen.
struct CteFrame {
    With* with = nullptr;
    const CteFrame* outer = nullptr;
    NameScope* scope = nullptr;  ///< That its queries were written in.
    const Cte* until = nullptr;  ///< The first that is not seen; nullptr: all are.
};

/// The FROM items that an expression or a query may name, and where to look after them.
struct NameScope {
    NameScope* outer = nullptr;
    Select* select = nullptr;
    Core* core = nullptr;  ///< Whose result columns are meant where aliases are seen.
    const CteFrame* with = nullptr;
    List<FromItem>* items = nullptr;  ///< nullptr: none.
    const FromItem* first = nullptr;  ///< The first that is seen; nullptr: of the list.
    const FromItem* until = nullptr;  ///< The first that is no longer seen.
    bool aliases = false;             ///< Result columns are looked at before columns.
};

class ScopePass {
public:
    ScopePass(std::string_view text, const Schema& schema, Arena& arena, Resolution& resolution,
              const Dialect& dialect)
        : text_(text),
          schema_(schema),
          arena_(arena),
          resolution_(resolution),
          dialect_(dialect),
          spare_(&arena),
          matches_(&arena) {}

    /// Everything below returns false once there is an error to take.
    bool query(Select& select, NameScope* outer, const CteFrame* with, Cte* owner = nullptr);
    bool write(Write& write);
    bool expression(Expr& expr, NameScope& scope);
    [[nodiscard]] Error take_error() { return std::move(*error_); }

private:
    // scope_query.cpp
    bool core(Core& core, Select& select, NameScope* outer, const CteFrame* with);
    bool result_columns(Core& core, NameScope& scope);
    bool clauses(Core& core, NameScope& scope);
    bool expand(ResultColumn& column, NameScope& scope);
    bool output_term(Expr& expr, NameScope& scope);
    bool group_term(Expr& expr, NameScope& scope);
    bool tail(Select& select, NameScope* outer, const CteFrame* with);
    bool order_by(Select& select, NameScope* outer, const CteFrame* with);
    bool window(Window& window, NameScope& scope);
    bool expressions(List<Expr>& list, NameScope& scope);
    bool outputs(Select& select, const Cte* owner);
    void mix_columns(Select& select, const Core& core) const;
    bool name_columns(OutputColumns& columns, const Select& select, const Cte& owner);
    [[nodiscard]] OutputColumn output_of(Expr& expr, const Name& alias) const;
    void absorb(const Select& inner, Select& outer) const;
    bool refuse_too_large(std::string_view what, Span at);

    // scope_from.cpp
    bool from_list(List<FromItem>& items, NameScope& around, NameScope* lateral);
    bool from_item(FromItem& item, NameScope& around, NameScope& before);
    bool table_item(FromItem& item, NameScope& scope);
    bool derived_item(FromItem& item, NameScope& around, NameScope& before);
    bool function_item(FromItem& item, NameScope& before);
    void rename_columns(FromItem& item);
    [[nodiscard]] std::pair<Cte*, const CteFrame*> find_cte(std::string_view name,
                                                            const CteFrame* with) const;
    bool cte_item(FromItem& item, Cte& cte, const CteFrame& frame, NameScope& scope);
    bool resolve_cte(Cte& cte, const CteFrame& frame);
    void join_columns(FromItem& item, List<FromItem>& items, FromItem* tree);
    void use_named(std::string_view name, List<FromItem>& items, const FromItem* first,
                   const FromItem* until);
    void all_columns(List<FromItem>& items, OutputColumns& into, bool& open);
    void item_columns(FromItem& item, OutputColumns& into, bool& open);
    [[nodiscard]] bool is_open(const FromItem& item) const noexcept;

    // scope_names.cpp
    bool column(Expr& expr, NameScope& scope);
    bool column_in(Expr& expr, NameScope& level, bool& found);
    bool qualified_in(Expr& expr, NameScope& level, bool& found);
    bool alias_in(Expr& expr, const Core& core);
    bool other_name(Expr& expr, NameScope& scope);
    bool row_of(Expr& expr, NameScope& scope, bool& found);
    bool open_column(Expr& expr, NameScope& scope, bool& found);
    bool system_column(Expr& expr, FromItem& item, bool& found);
    bool system_column_in(Expr& expr, NameScope& level, bool& found);
    bool path_of_column(Expr& expr, NameScope& level, bool& found);
    bool bare_function(Expr& expr, bool& found);
    bool unknown_column(const Expr& expr);
    void search(const Expr& expr, List<FromItem>& items, const FromItem* first, const FromItem* until);
    FromItem* find_item(const Name& table, const Name* schema, List<FromItem>& items, const FromItem* first,
                        const FromItem* until);
    FromItem* item_called(const Name& table, const Name* schema, NameScope& scope, NameScope*& level);
    [[nodiscard]] std::optional<std::uint32_t> find_column(const FromItem& item, std::string_view name);
    void use(FromItem& item, std::uint32_t column);
    void use_all(FromItem& item);
    void bind(Expr& expr, FromItem& item, std::uint32_t column);
    static void correlate(NameScope& from, const NameScope& level);

    // scope_expression.cpp
    bool children(Expr& expr, NameScope& scope);
    bool call(Expr& expr, NameScope& scope);
    bool call_parts(Expr& expr, NameScope& scope);
    bool column_of_row(Expr& call, NameScope& scope, bool& found);
    bool callable(std::string_view name, const Name* qualifier, Span at);
    bool field(Expr& expr, NameScope& scope);
    bool cast(Expr& expr, NameScope& scope);
    bool custom_operator(const Expr& expr);
    bool nested_query(Expr& expr, NameScope& scope);
    void judge(Expr& expr);
    [[nodiscard]] bool unsafe_by_itself(const Expr& expr) const;
    [[nodiscard]] bool unsafe_comparison(const Expr& a, const Expr& b) const;
    [[nodiscard]] bool unsafe_mixture(const Expr* first, const List<Expr>& others, std::size_t step) const;
    [[nodiscard]] bool unsafe_call(const Expr& call) const;
    [[nodiscard]] bool unsafe_cast(const Expr& expr) const;
    [[nodiscard]] bool unsafe_membership(const Expr& value, const Select& select) const;
    [[nodiscard]] bool unsafe_equality(const OutputColumn& a, const OutputColumn& b) const;
    [[nodiscard]] bool unsafe_pattern(const Expr& expr) const;
    [[nodiscard]] bool unsafe_quantified(const Expr& expr) const;

    // scope_write.cpp
    bool write_target(Write& write);
    [[nodiscard]] const FromItem* table_of_target(FromItem& target);
    bool insert(Write& write, NameScope& scope);
    bool unlisted_columns(const Write& write, std::size_t given);
    std::size_t note_first_columns(std::size_t given, Span span);
    bool conflict(Write& write, ConflictClause& clause, NameScope& scope);
    bool change(Write& write, NameScope& scope);
    bool merge_branch(MergeBranch& branch, NameScope& scope);
    bool assignments(List<Assignment>& list, NameScope& scope);
    bool written_part(Expr& part, NameScope& scope);
    bool written_column(const Name& name, WriteKind kind);
    bool returning(Write& write, NameScope& scope);
    void note_masked();

    bool fail(Error error) {
        if (!error_) error_ = std::move(error);
        return false;
    }

    std::string_view text_;
    const Schema& schema_;
    Arena& arena_;
    Resolution& resolution_;
    const Dialect& dialect_;
    std::optional<Error> error_;
    SpareColumns spare_;
    std::pmr::vector<std::pair<FromItem*, std::uint32_t>> matches_;  // of the last search
    std::size_t comparisons_ = 0;
    std::uint32_t next_column_ = 0;  ///< Behind the one found last.
    FromItem* target_ = nullptr;     ///< Of a write.
};

/// The name that the engine gives a result column without alias (FigureColname of parse_target.c); Oracle's is its text.
[[nodiscard]] std::string_view result_name(const Expr& expr, std::string_view text, const Dialect& dialect);

}  // namespace majed::sql
