/// The walk behind facts.h: every node once, with what its surroundings make of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/facts.h"

#include <string_view>

namespace majed::sql {

class FactWalk {
public:
    FactWalk(std::string_view text, Facts& facts, LineageTable& lineages, NameIndex& names)
        : text_(text), facts_(facts), lineages_(lineages), names_(names) {}

    void select(Select& select);

private:
    /// Where a condition stands.
    struct Standing {
        Clause clause = Clause::where;
        bool conjunct = false;
    };
    /// The comparison that an expression is a side of.
    struct Compared {
        const Expr* condition = nullptr;
        Comparison comparison = Comparison::equal;
        Comparand comparand = Comparand::expression;
        Span constant;
        bool negated = false;
        Standing standing;
    };

    void core(Core& core);
    void results(Core& core);
    void from_list(List<FromItem>& items);
    void from_item(FromItem& item);
    void joined_by_name(List<FromItem>& items);
    void using_pairs(FromItem& item);
    void natural_pairs(FromItem& item, FromItem& part);
    void name_pair(std::string_view name, FromItem& right, std::uint32_t column, Span span,
                   JoinSyntax syntax);
    void add_names(FromItem& item);
    void window(Window& window);
    void terms(List<OrderTerm>& terms, ColumnRole use);
    void term(Expr& expr, ColumnRole use);

    void condition(Expr& expr, Standing standing);
    void comparison(Expr& expr, Comparison comparison, bool negated, Standing standing);
    void pair(Expr& left, Expr& right, Compared compared);
    bool join(Expr& left, Expr& right, const Compared& compared);
    static void describe(const Expr& expr, Compared& compared);
    void one_sided(Expr& expr, Compared compared);
    void side(Expr& expr, const Compared& compared);

    void expr(Expr& expr, ColumnRole use, const Compared* compared = nullptr);
    void parts(Expr& expr, ColumnRole use, const Compared* compared);
    void column(Expr& expr, ColumnRole use, const Compared* compared, bool direct);
    void predicate(const ColumnPlace& place, const Compared& compared, bool direct);
    [[nodiscard]] ColumnPlace place_of(Expr& expr);
    [[nodiscard]] bool is_outer(const ColumnPlace& place) const noexcept;
    [[nodiscard]] static Expr* column_behind(Expr& expr) noexcept;

    std::string_view text_;
    Facts& facts_;
    LineageTable& lineages_;
    NameIndex& names_;
    Select* select_ = nullptr;
    std::uint32_t block_ = 0;
};

}  // namespace majed::sql
