// SPDX-License-Identifier: Apache-2.0
#include "rewrite/guard_plan.h"

#include "core/ascii.h"
#include "core/short_text.h"
#include "rewrite/quoting.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace majed::rewrite {
namespace {

bool has_limit_barrier(const sql::Select& select) {
    return select.limit != nullptr || select.offset != nullptr;
}

/// Does any item look at rows of those before it?
bool looks_left(const sql::List<sql::FromItem>& items) {
    return std::any_of(items.begin(), items.end(), [](const sql::FromItem& item) {
        return item.kind == sql::FromKind::function || item.lateral || item.join.apply ||
               looks_left(item.items);
    });
}

/// By USING or NATURAL.
bool compares_unsafely(const sql::List<sql::FromItem>& items) {
    return std::any_of(items.begin(), items.end(), [](const sql::FromItem& item) {
        return item.join.unsafe || compares_unsafely(item.items);
    });
}

using Expressions = std::pmr::vector<sql::Expr*>;
using Items = std::pmr::vector<sql::FromItem*>;

class Planner {
public:
    explicit Planner(const GuardRules& rules)
        : rules_(rules), unlimited_(rules.memory), plan_(rules.memory) {}

    GuardPlan run(sql::Select& root) {
        query(root);
        return std::move(plan_);
    }

    /// What stands in FROM of an UPDATE stays behind barriers: its conditions may meet hidden rows of the target too.
    GuardPlan run(sql::Write& write) {
        if (write.with != nullptr) {
            for (sql::Cte& cte : write.with->ctes) query(*cte.select);
        }
        if (write.source != nullptr) query(*write.source);
        bool simple = true;
        collect(write.from, plan_.barriers, simple);
        from_queries(write.from);
        for (sql::ConflictClause& clause : write.conflicts) {
            assignments(clause.assignments);
            if (clause.where != nullptr) expression_queries(*clause.where);
        }
        assignments(write.assignments);
        if (write.where != nullptr) {
            conjuncts(*write.where, plan_.target_conditions);
            expression_queries(*write.where);
        }
        for (sql::MergeBranch& branch : write.branches) {
            if (branch.condition != nullptr) expression_queries(*branch.condition);
            assignments(branch.assignments);
            for (sql::Expr& value : branch.values) expression_queries(value);
        }
        for (sql::ResultColumn& column : write.returning) {
            if (column.expr != nullptr) expression_queries(*column.expr);
        }
        for (const sql::OrderTerm& term : write.order_by) expression_queries(*term.expr);
        if (write.limit != nullptr) expression_queries(*write.limit);
        if (write.offset != nullptr) expression_queries(*write.offset);
        return std::move(plan_);
    }

private:
    void assignments(sql::List<sql::Assignment>& list) {
        for (sql::Assignment& each : list) expression_queries(*each.value);
    }

    void query(sql::Select& select) {
        // What a query others read from computes could move into their conditions; nothing moves through a limit.
        if (select.derived && select.filtered && computes_unsafe(select)) add_limit(select);
        if (select.with != nullptr) {
            for (sql::Cte& cte : select.with->ctes) {
                // Nothing moves into a recursion, which takes no limit on a server.
                if (rules_.server && cte.recursive) unlimited_.push_back(cte.select);
                query(*cte.select);
            }
        }
        for (sql::Core& core : select.cores) this->core(core, select);
        for (const sql::OrderTerm& term : select.order_by) expression_queries(*term.expr);
        if (select.limit != nullptr) expression_queries(*select.limit);
        if (select.offset != nullptr) expression_queries(*select.offset);
    }

    void core(sql::Core& core, const sql::Select& select) {
        if (core.nested != nullptr) query(*core.nested);
        const Expressions unsafe = unsafe_conditions(core);
        const bool joins_unsafely = rules_.server && (looks_left(core.from) || compares_unsafely(core.from));
        if (!unsafe.empty() || joins_unsafely) {
            protect(core, unsafe);
            if (rules_.server && (select.correlated || reads_hidden(core.from)))
                hide_from_planner(core, unsafe);
        }
        const bool joins = core.from.size > 1 || (!core.from.empty() && !core.from.first->items.empty());
        if (rules_.server && joins) plan_.tests_at_once |= computes_in_from(core.from);
        inner_queries(core);
    }

    static bool computes_in_from(const sql::List<sql::FromItem>& items) {
        return std::any_of(items.begin(), items.end(), [](const sql::FromItem& item) {
            return item.kind == sql::FromKind::function || (item.select != nullptr && item.select->unsafe) ||
                   (item.cte != nullptr && item.cte->select->unsafe) || computes_in_from(item.items);
        });
    }

    static bool reads_hidden(const sql::List<sql::FromItem>& items) {
        return std::any_of(items.begin(), items.end(), [](const sql::FromItem& item) {
            return (item.relation != nullptr && item.relation->filtered) ||
                   (item.select != nullptr && item.select->filtered) ||
                   (item.cte != nullptr && (item.cte->filtered || item.cte->recursive)) ||
                   reads_hidden(item.items);
        });
    }

    /// What keeps a server from moving a condition does not keep its planner from trying the condition on values it
    /// sampled, hidden ones among them: a pattern may then take long for one of them. Inside CASE it tries nothing.
    void hide_from_planner(sql::Core& core, const Expressions& unsafe) {
        for (sql::Expr* expr : unsafe) {
            const auto has = [expr](const GuardedExpression& each) { return each.expr == expr; };
            if (std::any_of(plan_.expressions.begin(), plan_.expressions.end(), has)) continue;
            if (!is_wrapped_by_sides(*expr, core.from)) {
                plan_.expressions.push_back({expr, 0, 0});
                continue;
            }
            for (sql::Expr* side : {expr->left, expr->right}) {
                if (side->unsafe) plan_.expressions.push_back({side, 0, 0});
            }
        }
    }

    /// An equality stays one, by which tables can be joined fast; a full join takes nothing else.
    static bool is_wrapped_by_sides(const sql::Expr& expr, const sql::List<sql::FromItem>& items) {
        if (expr.kind != sql::ExprKind::binary || expr.op != sql::Operator::equal) return false;
        if (is_of_full_join(expr, items)) return true;
        const bool rows = expr.left->kind == sql::ExprKind::row || expr.right->kind == sql::ExprKind::row;
        return !rows && (expr.left->unsafe || expr.right->unsafe);
    }

    static bool is_of_full_join(const sql::Expr& expr, const sql::List<sql::FromItem>& items) {
        return std::any_of(items.begin(), items.end(), [&expr](const sql::FromItem& item) {
            const bool inside = item.on != nullptr && item.on->span.begin <= expr.span.begin &&
                                expr.span.end <= item.on->span.end;
            return (inside && item.join.left && item.join.right) || is_of_full_join(expr, item.items);
        });
    }

    static bool computes_unsafe(const sql::Select& select) {
        const auto unsafe = [](const sql::ResultColumn& column) {
            return column.expr != nullptr
                       ? column.expr->unsafe
                       : std::any_of(column.expanded, column.expanded + column.expanded_count,
                                     [](const sql::OutputColumn& each) { return each.unsafe; });
        };
        // By columns of two types that UNION makes one, too.
        const bool mixes = std::any_of(select.columns, select.columns + select.column_count,
                                       [](const sql::OutputColumn& each) { return each.unsafe; });
        return mixes || std::any_of(select.cores.begin(), select.cores.end(), [&](const sql::Core& core) {
                   return std::any_of(core.columns.begin(), core.columns.end(), unsafe) ||
                          std::any_of(core.group_by.begin(), core.group_by.end(),
                                      [](const sql::Expr& expr) { return expr.unsafe; });
               });
    }

    [[nodiscard]] Expressions unsafe_conditions(sql::Core& core) const {
        Expressions result(rules_.memory);
        if (core.where != nullptr) conjuncts(*core.where, result);
        conditions_of(core.from, result);
        // HAVING of a query without groups is tested once, after all rows; it has no row to take "passed" from.
        if (core.having != nullptr && !core.group_by.empty()) conjuncts(*core.having, result);
        return result;
    }

    static void conditions_of(sql::List<sql::FromItem>& items, Expressions& into) {
        for (sql::FromItem& item : items) {
            if (item.on != nullptr) conjuncts(*item.on, into);
            conditions_of(item.items, into);
        }
    }

    static void conjuncts(sql::Expr& expr, Expressions& into) {
        if (!expr.unsafe) return;
        if (expr.kind == sql::ExprKind::binary && expr.op == sql::Operator::and_) {
            conjuncts(*expr.left, into);
            conjuncts(*expr.right, into);
        } else {
            into.push_back(&expr);
        }
    }

    void protect(sql::Core& core, const Expressions& unsafe) {
        Items tables(rules_.memory);
        bool simple = true;
        collect(core.from, tables, simple);
        if (tables.empty()) return;
        const bool star = std::any_of(
            core.columns.begin(), core.columns.end(),
            [](const sql::ResultColumn& column) { return column.kind != sql::ResultKind::expression; });
        const bool having = core.having != nullptr && core.having->unsafe && !core.group_by.empty();
        const bool seen = std::any_of(tables.begin(), tables.end(), [this](const sql::FromItem* item) {
            const auto& rows = rules_.whole_rows;
            return std::find(rows.begin(), rows.end(), item) != rows.end();
        });
        if (rules_.server) simple &= !having && !seen && !looks_left(core.from) && core.connect_by == nullptr;
        if (!simple || (star && !can_write_out(core)) ||
            (!rules_.server && outer_condition_before(core, tables))) {
            plan_.barriers.insert(plan_.barriers.end(), tables.begin(), tables.end());
            return;
        }
        if (rules_.server) set_unseen_apart(core, tables);
        const std::size_t first = plan_.passed.size();
        for (sql::FromItem* item : tables) {
            plan_.items.push_back({item, ++used_});
            plan_.passed.push_back(used_);
        }
        for (const sql::ResultColumn& column : core.columns) {
            if (column.kind != sql::ResultKind::expression) plan_.stars.push_back(&column);
        }
        for (sql::Expr* expr : unsafe) plan_.expressions.push_back(guarded_where(*expr, core, tables, first));
    }

    /// Tables of this core that hide rows; queries that do get their barrier here. `simple`: every join can be
    /// written out column by column, so that the extra column stays out of sight.
    void collect(sql::List<sql::FromItem>& items, Items& tables, bool& simple) {
        for (sql::FromItem& item : items) {
            simple &= item.kind != sql::FromKind::group && !item.join.natural && item.using_columns.empty() &&
                      !item.join.right;
            if (item.relation != nullptr && item.relation->filtered) tables.push_back(&item);
            if (item.select != nullptr && item.select->filtered) add_limit(*item.select);
            if (item.cte != nullptr && item.cte->filtered && !item.cte->recursive)
                add_limit(*item.cte->select);
            collect(item.items, tables, simple);
        }
    }

    /// A server's ON sees only what is joined so far. Tables that an unsafe one does not see get a barrier instead: else
    /// it might run only where a hidden row of theirs joins.
    void set_unseen_apart(sql::Core& core, Items& tables) {
        const auto is_unseen = [&core](const sql::FromItem* table) {
            const sql::FromItem* tree = core.from.first;
            for (const sql::FromItem& item : core.from) {
                if (item.join.comma) tree = &item;
                if (item.on == nullptr || !item.on->unsafe) continue;
                if (table->span.begin < tree->span.begin || table->span.begin > item.span.begin) return true;
            }
            return false;
        };
        std::copy_if(tables.begin(), tables.end(), std::back_inserter(plan_.barriers), is_unseen);
        std::erase_if(tables, is_unseen);
    }

    void add_limit(sql::Select& select) {
        if (has_limit_barrier(select)) return;
        if (std::find(unlimited_.begin(), unlimited_.end(), &select) != unlimited_.end()) return;
        if (std::find(plan_.limits.begin(), plan_.limits.end(), &select) == plan_.limits.end()) {
            plan_.limits.push_back(&select);
        }
    }

    /// An unsafe ON of an outer join that stands left of a table to guard: it may name that table, but naming the
    /// table's "passed" there would change the join.
    static bool outer_condition_before(sql::Core& core, const Items& tables) {
        return std::any_of(core.from.begin(), core.from.end(), [&tables](const sql::FromItem& item) {
            return item.join.left && item.on != nullptr && item.on->unsafe &&
                   tables.back()->span.begin > item.span.begin;
        });
    }

    /// Every column of a star has a name of its own that the engine would give it too; it numbers the fourth of one
    /// name at random.
    static bool can_write_out(sql::Core& core) {
        const auto numbered = [](const sql::ResultColumn& column) {
            return std::any_of(
                column.expanded, column.expanded + column.expanded_count,
                [](const sql::OutputColumn& each) { return each.name.find(':') != std::string_view::npos; });
        };
        return names_are_unique(core.from) &&
               std::none_of(core.columns.begin(), core.columns.end(), numbered);
    }

    static bool names_are_unique(sql::List<sql::FromItem>& items) {
        for (sql::FromItem& item : items) {
            for (const sql::FromItem* other = item.next; other != nullptr; other = other->next) {
                const std::string_view a = item.visible_name();
                const std::string_view b = other->visible_name();
                if (a.empty() || (a.size() == b.size() && equal_ascii_case(a, b))) return false;
            }
        }
        return items.size != 1 || !items.first->visible_name().empty();
    }

    /// ON of an outer join may name only what stands left of it and its own item; that of an inner join is a condition
    /// like those in WHERE, and may name any.
    GuardedExpression guarded_where(sql::Expr& expr, sql::Core& core, const Items& tables,
                                    std::size_t first) {
        const GuardedExpression by_all{&expr, first, tables.size()};
        for (const sql::FromItem& item : core.from) {
            const bool inside = item.on != nullptr && item.on->span.begin <= expr.span.begin &&
                                expr.span.end <= item.on->span.end;
            if (!inside) continue;
            if (!item.join.left) return by_all;
            GuardedExpression guarded{&expr, plan_.passed.size(), 0};
            for (std::size_t i = 0; i < tables.size(); ++i) {
                if (tables[i]->span.begin > item.span.begin) continue;
                plan_.passed.push_back(plan_.passed[first + i]);
                ++guarded.count;
            }
            return guarded;
        }
        return by_all;
    }

    /// Queries in FROM and in expressions are levels of their own.
    void inner_queries(sql::Core& core) {
        from_queries(core.from);
        const auto look = [this](sql::Expr& expr) { expression_queries(expr); };
        for (sql::ResultColumn& column : core.columns) {
            if (column.expr != nullptr) look(*column.expr);
        }
        if (core.where != nullptr) look(*core.where);
        for (sql::Expr& expr : core.distinct_on) look(expr);
        if (core.start_with != nullptr) look(*core.start_with);
        if (core.connect_by != nullptr) look(*core.connect_by);
        for (sql::Expr& expr : core.group_by) look(expr);
        if (core.having != nullptr) look(*core.having);
        for (sql::ValuesRow& row : core.rows) {
            for (sql::Expr& cell : row.cells) look(cell);
        }
        for (const sql::Window& window : core.windows) window_queries(window);
    }

    void window_queries(const sql::Window& window) {
        for (sql::Expr& part : window.partition_by) expression_queries(part);
        for (const sql::OrderTerm& term : window.order_by) expression_queries(*term.expr);
    }

    void from_queries(sql::List<sql::FromItem>& items) {
        for (sql::FromItem& item : items) {
            if (item.select != nullptr) query(*item.select);
            if (item.on != nullptr) expression_queries(*item.on);
            for (sql::Expr& argument : item.args) expression_queries(argument);
            from_queries(item.items);
        }
    }

    void expression_queries(sql::Expr& expr) {
        if (expr.select != nullptr) query(*expr.select);
        if (expr.left != nullptr) expression_queries(*expr.left);
        if (expr.right != nullptr) expression_queries(*expr.right);
        if (expr.extra != nullptr) expression_queries(*expr.extra);
        if (expr.filter != nullptr) expression_queries(*expr.filter);
        for (sql::Expr& argument : expr.args) expression_queries(argument);
        if (expr.over != nullptr) window_queries(*expr.over);
        if (expr.order != nullptr) window_queries(*expr.order);
        if (expr.from != nullptr) {
            for (sql::Expr& argument : expr.from->args) expression_queries(argument);
        }
    }

    const GuardRules& rules_;
    std::pmr::vector<const sql::Select*> unlimited_;
    GuardPlan plan_;
    std::size_t used_ = 0;
};

}  // namespace

GuardPlan::GuardPlan(std::pmr::memory_resource* memory)
    : items(memory),
      barriers(memory),
      limits(memory),
      expressions(memory),
      stars(memory),
      passed(memory),
      target_conditions(memory) {}

const GuardedItem* GuardPlan::guarded(const sql::FromItem& item) const noexcept {
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&item](const GuardedItem& each) { return each.item == &item; });
    return found != items.end() ? &*found : nullptr;
}

bool GuardPlan::has_barrier(const sql::FromItem& item) const noexcept {
    return std::find(barriers.begin(), barriers.end(), &item) != barriers.end();
}

GuardRules guards_of_sqlite(const sql::Resolution& resolution) {
    return {false, {}, resolution.scratch()};
}

GuardRules guards_of_servers(const sql::Resolution& resolution) {
    return {true, resolution.whole_rows, resolution.scratch()};
}

GuardPlan plan_guards(sql::Select& select, const GuardRules& rules) {
    return Planner(rules).run(select);
}

GuardPlan plan_guards(sql::Write& write, const GuardRules& rules) {
    return Planner(rules).run(write);
}

void append_passed(std::pmr::string& into, std::string_view passed_column, std::size_t number) {
    ShortText name(passed_column);
    append_quoted(into, name.add('_').add(number).view());
}

void append_written_out(std::pmr::string& into, const sql::ResultColumn& star) {
    for (std::uint32_t i = 0; i < star.expanded_count; ++i) {
        const sql::OutputColumn& column = star.expanded[i];
        if (i > 0) into += ", ";
        append_quoted(into, column.source->visible_name());
        into += '.';
        append_quoted(into, column.name);
        into += " AS ";
        append_quoted(into, column.name);
    }
}

}  // namespace majed::rewrite
