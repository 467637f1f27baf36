/// The resolver's walk: scopes and shared state of resolver.cpp, resolve_from.cpp, resolve_expression.cpp and
/// resolve_write.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/arena.h"
#include "sql/resolver.h"
#include "sql/schema.h"
#include "sql/spare_columns.h"
#include "sql/tree.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::sql {

struct Scope;

/// A WITH clause in force, and the scope its queries were written in.
struct WithFrame {
    With* with = nullptr;
    const WithFrame* outer = nullptr;
    Scope* scope = nullptr;
};

/// The names one core offers to its own expressions and to queries inside them.
struct Scope {
    Scope* outer = nullptr;
    Select* select = nullptr;
    Core* core = nullptr;  ///< nullptr: no FROM items (LIMIT).
    const WithFrame* with = nullptr;
    bool aliases_visible = false;  ///< WHERE, GROUP BY, HAVING, ORDER BY may name result columns.
    bool counts_aggregates = true;
    FromItem* excluded = nullptr;  ///< In DO UPDATE: what `excluded.` names.
};

/// The columns of one FROM item, whatever its kind.
struct ItemColumns {
    const SchemaRelation* relation = nullptr;
    const OutputColumn* outputs = nullptr;
    std::uint32_t count = 0;

    [[nodiscard]] std::string_view name(std::uint32_t i) const noexcept {
        if (outputs != nullptr) return outputs[i].name;
        return relation != nullptr ? std::string_view(relation->columns[i].name) : std::string_view();
    }
    [[nodiscard]] bool in_star(std::uint32_t i) const noexcept {
        return relation == nullptr || !relation->columns[i].hidden;
    }
    [[nodiscard]] std::uint32_t encryption(std::uint32_t i) const noexcept {
        if (relation != nullptr) return relation->columns[i].encryption;
        return outputs != nullptr ? outputs[i].encryption : 0;
    }
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view wanted) const noexcept;
};

[[nodiscard]] ItemColumns columns_of(const FromItem& item) noexcept;

/// Same name, as SQLite compares them: ASCII case does not matter.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;

/// rowid, oid, _rowid_.
[[nodiscard]] bool is_rowid_name(std::string_view name) noexcept;

class ResolutionPass {
public:
    ResolutionPass(std::string_view text, const Schema& schema, Arena& arena, Resolution& resolution)
        : text_(text),
          schema_(schema),
          arena_(arena),
          resolution_(resolution),
          spare_(&arena),
          matches_(&arena) {}

    /// Everything below returns false once error() is set.
    bool select(Select& select, Scope* outer, const WithFrame* with, Cte* owner = nullptr);
    bool write(Write& write);
    /// Refuses an expression whose value is encrypted: whatever asked for it would compute on it.
    bool expression(Expr& expr, Scope& scope);
    [[nodiscard]] Error take_error() { return std::move(*error_); }

private:
    // resolver.cpp
    bool core(Core& core, Select& select, Scope* outer, const WithFrame* with);
    bool weight_allowed(const Select& select);
    bool core_expressions(Core& core, Scope& scope);
    bool order_by(Select& select, Scope* outer, const WithFrame* with);
    bool compound_order_term(OrderTerm& term, Select& select, Scope* outer, const WithFrame* with);
    bool order_expression(Expr& expr, Scope& scope);
    bool expressions(List<Expr>& list, Scope& scope);
    bool window(Window& window, Scope& scope);
    bool outputs(Select& select, Cte* owner);
    bool expand(ResultColumn& column, Core& core, Select& select);
    OutputColumn output_of_expression(const ResultColumn& column, bool derived) const;
    bool star(List<FromItem>& items, const Name* table, Span at, OutputColumns& into);
    void star_item(FromItem& item, List<FromItem>& siblings, bool merge, OutputColumns& into);
    void make_names_unique(OutputColumns& columns);
    void absorb(const Select& inner, Select& outer) const;
    bool columns_allowed(std::size_t count, Span at);

    // resolve_from.cpp
    bool from_list(List<FromItem>& items, Scope& scope);
    bool from_item(FromItem& item, Scope& scope);
    bool table_item(FromItem& item, Scope& scope);
    bool cte_item(FromItem& item, Cte& cte, const WithFrame& frame, Scope& scope);
    bool resolve_cte(Cte& cte, const WithFrame& frame);
    bool join_conditions(List<FromItem>& items, Scope& scope);
    void join_columns(FromItem& item, List<FromItem>& items);
    /// Fails where one of them is encrypted.
    void use_everywhere(std::string_view column, List<FromItem>& items, const FromItem* until);
    bool natural_merges(std::string_view column, const FromItem& item, List<FromItem>& items);
    std::optional<std::uint32_t> find_column(const FromItem& item, std::string_view name);
    [[nodiscard]] std::pair<Cte*, const WithFrame*> find_cte(std::string_view name,
                                                             const WithFrame* with) const;

    // resolve_encryption.cpp
    bool outputs_allowed(const Select& select);
    bool order_allowed(const Expr& term, const Select& select);
    bool term_allowed(const Expr& term, const Core& core);
    bool refuse_encrypted(std::string_view what, Span at);
    bool refuse_encrypted(const Expr& expr);

    // resolve_write.cpp
    bool write_target(Write& write, Select& body);
    bool insert(Write& write, const WithFrame* with);
    bool inserted_columns(const Write& write, std::size_t& count);
    bool insert_source(const Write& write, const WithFrame* with, std::size_t columns);
    bool rows_fit(const Select& source, std::size_t columns);
    bool conflict(Write& write, ConflictClause& clause, Scope& scope);
    bool change(Write& write, const WithFrame* with);
    bool update_from(Write& write, Scope& scope);
    bool hides_target(const FromItem& target, List<FromItem>& items);
    bool assignments(List<Assignment>& list, Scope& scope);
    bool written_column(const Name& name, WriteKind kind);
    bool note_written(std::optional<std::uint32_t> column, WriteKind kind, Span span);
    bool write_expression(Expr* expr, Scope& scope, bool& names_target);
    bool row_limit(Write& write, Scope& scope);
    bool returning(Write& write, const WithFrame* with);
    void note_masked(std::size_t shown_from, std::size_t shown_until);

    // resolve_expression.cpp
    bool handed_through(Expr& expr, Scope& scope);
    bool children(Expr& expr, Scope& scope);
    bool pattern_allowed(const Expr& expr);
    bool column(Expr& expr, Scope& scope);
    bool column_in(Expr& expr, Scope& scope, bool& found);
    bool alias_in(Expr& expr, const Scope& scope);
    bool rowid_in(Expr& expr, Scope& scope, bool& found);
    bool excluded_in(Expr& expr, const Scope& scope, bool& found);
    bool literal_name(Expr& expr);
    bool unknown_column(const Expr& expr);
    void search(const Expr& expr, List<FromItem>& items);
    [[nodiscard]] bool qualifies(const Expr& expr, const FromItem& item) const noexcept;
    void use(FromItem& item, std::uint32_t column);
    void bind_column(Expr& expr, FromItem& item, std::uint32_t column);
    bool call(Expr& expr, Scope& scope);
    bool nested_query(Expr& expr, Scope& scope);
    bool in_table(Expr& expr, Scope& scope);
    void judge(Expr& expr);
    [[nodiscard]] bool cheap_scan();
    bool format_allowed(const Expr& expr, std::string_view function);
    [[nodiscard]] bool unsafe_pattern(const Expr& expr) const;
    [[nodiscard]] bool unsafe_by_itself(const Expr& expr);

    bool fail(Error error) {
        if (!error_) error_ = std::move(error);
        return false;
    }

    std::string_view text_;
    const Schema& schema_;
    Arena& arena_;
    Resolution& resolution_;
    std::optional<Error> error_;
    SpareColumns spare_;
    std::pmr::vector<std::pair<FromItem*, std::uint32_t>> matches_;  // of the last search
    std::size_t comparisons_ = 0;
    const FromItem* target_ = nullptr;    ///< Of a write.
    const FromItem* returned_ = nullptr;  ///< Write::returned, while RETURNING is resolved.
    std::size_t target_reads_ = 0;        ///< How often an expression named a column of target_.
    bool encrypted_use_ = false;          ///< error_ is of a kind that no other reading of the text may undo.
};

}  // namespace majed::sql
