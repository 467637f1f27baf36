// SPDX-License-Identifier: Apache-2.0
#include "rewrite/grouped_keys.h"

#include "rewrite/quoting.h"
#include "sql/walk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory_resource>
#include <set>
#include <string_view>

namespace majed::rewrite {
namespace {

using Columns = std::pmr::set<std::uint32_t>;

/// Types that have no equality to group by.
bool can_be_grouped(std::string_view type) noexcept {
    constexpr std::array without = std::to_array<std::string_view>(
        {"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"});
    const std::string_view element = type.substr(0, type.find('['));
    return std::find(without.begin(), without.end(), element) == without.end();
}

class KeyGrouping {
public:
    KeyGrouping(const sql::GroupedCore& grouped, sql::FromItem& item, std::pmr::memory_resource* memory)
        : grouped_(grouped), item_(item), grouped_by_(memory) {}

    /// `, "t"."a"` for what stands beside the whole key; nothing when the key is not grouped by.
    void add_to(Splicer& splicer, std::uint32_t offset) {
        for (sql::Expr& each : grouped_.core->group_by) term(each);
        const std::vector<std::uint32_t>& key = item_.relation->primary_key;
        const bool whole = std::all_of(key.begin(), key.end(),
                                       [this](std::uint32_t place) { return grouped_by_.contains(place); });
        if (!whole) return;
        for (const std::uint32_t place : used()) {
            const sql::SchemaColumn& column = item_.relation->columns[place];
            if (grouped_by_.contains(place) || !can_be_grouped(column.declared_type)) continue;
            const std::string_view name =
                item_.shape != nullptr ? item_.shape->columns[place].name : std::string_view(column.name);
            std::pmr::string& text = splicer.inserting(offset);
            text += ", ";
            append_quoted(text, item_.visible_name());
            text += '.';
            append_quoted(text, name);
        }
    }

private:
    void term(sql::Expr& expr) {
        if (expr.kind == sql::ExprKind::row && expr.name.value.empty()) {
            for (sql::Expr& each : expr.args) term(each);
        } else if (expr.kind == sql::ExprKind::literal && expr.op == sql::Operator::integer) {
            place_in_result(expr);
        } else {
            column(expr.binding == sql::Binding::result_alias ? *expr.alias_of : expr);
        }
    }

    void column(const sql::Expr& expr) {
        const bool ours = expr.kind == sql::ExprKind::column && expr.binding == sql::Binding::column &&
                          expr.source == &item_;
        if (ours) grouped_by_.insert(static_cast<std::uint32_t>(expr.column));
    }

    /// GROUP BY 1
    void place_in_result(const sql::Expr& expr) {
        // Only digits, which the lexer saw to; one that is too large is no place.
        const std::string_view digits = expr.span.in(grouped_.text);
        std::uint32_t wanted = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), wanted);
        for (const sql::ResultColumn& each : grouped_.core->columns) {
            const std::uint32_t count = each.kind == sql::ResultKind::expression ? 1 : each.expanded_count;
            if (wanted == 0 || wanted > count) {
                wanted -= std::min(wanted, count);
                continue;
            }
            if (each.kind == sql::ResultKind::expression) return column(*each.expr);
            const sql::OutputColumn& output = each.expanded[wanted - 1];
            if (output.source == &item_) grouped_by_.insert(static_cast<std::uint32_t>(output.column));
            return;
        }
    }

    /// Columns of the table that are named where only grouped ones may be.
    Columns used() {
        Columns result(grouped_by_.get_allocator());
        const auto look = [&](sql::Expr& expr) {
            if (expr.source != &item_) return;
            if (expr.binding == sql::Binding::column) result.insert(static_cast<std::uint32_t>(expr.column));
            if (expr.binding != sql::Binding::whole_row) return;
            for (std::uint32_t i = 0; i < item_.relation->columns.size(); ++i) result.insert(i);
        };
        for (sql::ResultColumn& each : grouped_.core->columns) {
            if (each.kind == sql::ResultKind::expression) {
                sql::walk_expressions(*each.expr, look);
                continue;
            }
            for (std::uint32_t i = 0; i < each.expanded_count; ++i) {
                if (each.expanded[i].source == &item_)
                    result.insert(static_cast<std::uint32_t>(each.expanded[i].column));
            }
        }
        if (grouped_.core->having != nullptr) sql::walk_expressions(*grouped_.core->having, look);
        for (sql::Expr& expr : grouped_.core->distinct_on) sql::walk_expressions(expr, look);
        for (sql::OrderTerm& each : grouped_.select->order_by) sql::walk_expressions(*each.expr, look);
        return result;
    }

    const sql::GroupedCore& grouped_;
    sql::FromItem& item_;
    Columns grouped_by_;
};

}  // namespace

void group_beside_keys(const sql::Resolution& resolution, const Enforcement& enforcement, Splicer& splicer) {
    for (const sql::GroupedCore& grouped : resolution.grouped) {
        const sql::Expr* last = nullptr;
        for (const sql::Expr& each : grouped.core->group_by) last = &each;
        const auto look = [&](auto&& self, sql::List<sql::FromItem>& items) -> void {
            for (sql::FromItem& item : items) {
                // Of a group with a name of its own only that is seen.
                if (!item.alias.present() || item.kind != sql::FromKind::group) self(self, item.items);
                if (!enforcement.inlines(item) || item.relation->primary_key.empty()) continue;
                KeyGrouping(grouped, item, resolution.scratch()).add_to(splicer, last->span.end);
            }
        };
        look(look, grouped.core->from);
    }
}

}  // namespace majed::rewrite
