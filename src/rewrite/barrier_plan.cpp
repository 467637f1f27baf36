// SPDX-License-Identifier: Apache-2.0
#include "rewrite/barrier_plan.h"

#include "sql/walk.h"

#include <algorithm>

namespace majed::rewrite {
namespace {

class Looker {
public:
    BarrierPlan run(sql::Select& select) {
        plan_.anything = select.unsafe;
        query(select);
        // Also those of queries inside expressions; they are few, and looking twice does no harm.
        sql::walk_expressions(select, [this](sql::Expr& expr) {
            if (expr.select != nullptr) query(*expr.select);
        });
        plan_.anything |= plan_.conditions;
        return plan_;
    }

    /// Of a write, whose target's rows are looked at by conditions that are guarded on their own.
    BarrierPlan run(sql::Write& write) {
        plan_.anything = write.body->unsafe;
        if (write.source != nullptr) query(*write.source);
        from(write.from);
        const auto look = [this](sql::Expr& expr) {
            plan_.anything |= expr.unsafe;
            if (expr.select != nullptr) query(*expr.select);
        };
        sql::walk_expressions(write, look);
        plan_.anything |= plan_.conditions;
        // What stands beside the target is joined with it, and all the rest of the statement is of these rows.
        if (!write.from.empty()) plan_.conditions = plan_.anything;
        return plan_;
    }

private:
    void query(sql::Select& select) {
        plan_.anything |= select.unsafe;
        if (select.with != nullptr) {
            for (sql::Cte& cte : select.with->ctes) {
                plan_.conditions |= cte.recursive;
                query(*cte.select);
            }
        }
        for (sql::Core& core : select.cores) this->core(core);
    }

    void core(sql::Core& core) {
        if (core.nested != nullptr) query(*core.nested);
        for (const sql::Expr* condition : {core.where, core.having})
            plan_.conditions |= condition != nullptr && condition->unsafe;
        // WHERE is tested after the hierarchy is made, and START WITH may be before.
        plan_.conditions |= core.connect_by != nullptr || core.start_with != nullptr;
        from(core.from);
    }

    void from(sql::List<sql::FromItem>& items) {
        for (sql::FromItem& item : items) {
            plan_.conditions |= item.on != nullptr && item.on->unsafe;
            plan_.conditions |=
                item.join.unsafe || item.join.apply || item.lateral || item.kind == sql::FromKind::function;
            if (item.select != nullptr) query(*item.select);
            from(item.items);
        }
    }

    BarrierPlan plan_;
};

}  // namespace

BarrierPlan plan_barriers(sql::Select& select) {
    return Looker().run(select);
}

BarrierPlan plan_barriers(sql::Write& write) {
    return Looker().run(write);
}

}  // namespace majed::rewrite
