// SPDX-License-Identifier: Apache-2.0
#include "rewrite/rewriter.h"

#include "core/ascii.h"
#include "rewrite/guard_plan.h"
#include "rewrite/quoting.h"
#include "rewrite/splice.h"
#include "rewrite/unverified.h"
#include "rewrite/write_plan.h"
#include "sql/functions.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace majed::rewrite {
namespace {

class Rewriter {
public:
    Rewriter(std::string_view text, const sql::Resolution& resolution, const Enforcement& enforcement)
        : text_(text),
          resolution_(resolution),
          enforcement_(enforcement),
          plan_(resolution.scratch()),
          splicer_(resolution.scratch()) {
        result_.guard_views.reserve(resolution.relations.size());
    }

    Result<Rewritten> run(sql::Select& select) {
        if (resolution_.filtered && resolution_.unsafe)
            plan_ = plan_guards(select, guards_of_sqlite(resolution_));
        MAJED_TRY(edit());
        return finished();
    }

    Result<Rewritten> run(sql::Write& write, const Profile& profile) {
        const bool guarded = resolution_.filtered && resolution_.unsafe;
        if (guarded) plan_ = plan_guards(write, guards_of_sqlite(resolution_));
        MAJED_TRY_ASSIGN(WritePlan own, plan_write(write, resolution_, plan_, enforcement_, profile));
        for (const WriteEdit& edit : own.first) splicer_.replace(edit.span, edit.text);
        MAJED_TRY(edit());
        for (const WriteEdit& edit : own.last) splicer_.replace(edit.span, edit.text);
        for (const std::string& view : own.views) result_.note_view(view);
        result_.write = std::move(own.grant);
        result_.reached = std::move(own.reached);
        result_.left = std::move(own.left);
        result_.lookups = own.lookups;
        return finished();
    }

private:
    /// Order matters where edits meet: wrappers open before and close after what they hold, names come after that, a LIMIT
    /// last.
    Result<void> edit() {
        wrap_expressions();
        write_out_stars();
        for (const sql::FromItem* item : resolution_.relations) MAJED_TRY(reference(*item));
        names();
        keep_column_names();
        for (const sql::Select* limited : plan_.limits) limit(*limited);
        return {};
    }

    Rewritten finished() {
        result_.sql = splicer_.apply(text_);
        result_.local_names.reserve(resolution_.local_names.size());
        for (const std::string_view name : resolution_.local_names)
            result_.local_names.push_back(ascii_lower(name));
        return std::move(result_);
    }

    /// LIMIT -1: no limit, but the engine moves no condition through it.
    void limit(const sql::Select& select) {
        const sql::Core& last = *select.cores.last;
        if (last.is_values) {
            // VALUES takes no LIMIT; a query over it does.
            splicer_.insert(last.span.begin, "SELECT * FROM (");
            splicer_.insert(last.span.end, ")");
        }
        splicer_.insert(select.span.end, " LIMIT -1");
    }

    void wrap_expressions() {
        for (const GuardedExpression& guarded : plan_.expressions) {
            if (guarded.count == 0) continue;
            const sql::Span span = guarded.expr->span;
            std::pmr::string& text = splicer_.inserting(span.begin);
            std::string_view before = "CASE WHEN ";
            for (const std::size_t passed : plan_.passed_of(guarded)) {
                text += std::exchange(before, " AND ");
                append_passed(text, enforcement_.passed_column(), passed);
                // NULL: the row was made by an outer join and hides nothing.
                text += " IS NOT 0";
            }
            text += " THEN (";
            splicer_.insert(span.end, ") END");
        }
    }

    void write_out_stars() {
        for (const sql::ResultColumn* star : plan_.stars)
            append_written_out(splicer_.replacing(star->span), *star);
    }

    Result<void> reference(const sql::FromItem& item) {
        if (item.relation->table_function) {
            result_.uses_json_tables = true;
            return {};
        }
        const Variant& variant = enforcement_.variant(*item.relation);
        std::pmr::string& target = splicer_.replacing(item.reference);
        if (const GuardedItem* const guarded = plan_.guarded(item)) {
            append_guarded_query(variant, guarded->passed, target);
        } else {
            result_.note_view(variant.view);
            const bool barrier = plan_.has_barrier(item);
            if (barrier) target += "(SELECT * FROM ";
            append_quoted(target, variant.view);
            if (barrier) target += " LIMIT -1)";
        }
        if (!item.alias.present() && !item.in_operand) {
            target += " AS ";
            append_quoted(target, item.name.value);
        }
        return index_hint(item, variant);
    }

    /// The guarded view under column names that belong to this reference alone.
    void append_guarded_query(const Variant& variant, std::size_t passed, std::pmr::string& into) {
        result_.note_view(variant.guarded_view);
        into += "(SELECT ";
        for (const sql::SchemaColumn& column : variant.relation.columns) {
            append_quoted(into, column.name);
            into += ", ";
        }
        append_quoted(into, enforcement_.passed_column());
        into += " AS ";
        append_passed(into, enforcement_.passed_column(), passed);
        into += " FROM ";
        append_quoted(into, variant.guarded_view);
        into += ')';
    }

    /// A view takes no index hint; one that could not hold is refused as the engine would.
    Result<void> index_hint(const sql::FromItem& item, const Variant& variant) {
        if (item.index_span.empty()) return {};
        MAJED_TRY(check_index_hint(item, variant.relation));
        splicer_.replace(item.index_span, "");
        return {};
    }

    void names() {
        for (const sql::Expr* text : resolution_.quoted_strings) {
            if (text->binding != sql::Binding::string) continue;
            append_quoted(splicer_.replacing(text->name.span), text->name.value, '\'');
        }
        for (const sql::Expr* column : resolution_.qualified) {
            splicer_.replace({column->schema->span.begin, column->table->span.begin}, "");
        }
        for (const sql::Expr* rowid : resolution_.rowids) {
            const auto column = static_cast<std::size_t>(rowid->column);
            append_quoted(splicer_.replacing(rowid->name.span),
                          rowid->source->relation->columns[column].name);
        }
    }

    /// A result column without alias is called by its text, a plain column by its own name: never by our text.
    void keep_column_names() {
        std::pmr::vector<const sql::Expr*> touched(resolution_.scratch());
        for (const sql::ResultColumn* column : resolution_.unnamed) {
            if (splicer_.touches(column->expr->span) && !keeps_its_name(*column->expr))
                touched.push_back(column->expr);
        }
        for (const sql::Expr* expr : touched) {
            std::pmr::string& text = splicer_.inserting(expr->span.end);
            text += " AS ";
            append_quoted(text, name_of(*expr));
        }
    }

    /// A plain column whose qualifier or row id was edited is still a plain column; one inside a guard is not.
    [[nodiscard]] bool keeps_its_name(const sql::Expr& expr) const {
        const bool plain = expr.binding == sql::Binding::column || expr.binding == sql::Binding::rowid;
        return plain &&
               std::none_of(plan_.expressions.begin(), plan_.expressions.end(),
                            [&expr](const GuardedExpression& guarded) { return guarded.expr == &expr; });
    }

    [[nodiscard]] std::string_view name_of(const sql::Expr& expr) const {
        const bool plain = expr.binding == sql::Binding::column || expr.binding == sql::Binding::rowid;
        if (!plain || expr.column < 0) return expr.span.in(text_);
        const sql::FromItem& source = *expr.source;
        const auto column = static_cast<std::size_t>(expr.column);
        if (source.relation != nullptr) return source.relation->columns[column].name;
        return (source.cte != nullptr ? source.cte->select : source.select)->columns[column].name;
    }

    std::string_view text_;
    const sql::Resolution& resolution_;
    const Enforcement& enforcement_;
    GuardPlan plan_;
    Splicer splicer_;
    Rewritten result_;
};

std::size_t protected_references(const sql::Resolution& resolution) {
    return static_cast<std::size_t>(
        std::count_if(resolution.relations.begin(), resolution.relations.end(),
                      [](const sql::FromItem* item) { return !item->relation->table_function; }));
}

}  // namespace

const sql::SchemaRelation* GuardedSchema::find_relation(std::string_view qualifier,
                                                        std::string_view name) const {
    if (!qualifier.empty()) return nullptr;
    if (const sql::SchemaRelation* view = enforcement_.guard_relation(name)) return view;
    return json_table(name);
}

const sql::SchemaRelation* GuardedSchema::find_target(std::string_view qualifier,
                                                      std::string_view name) const {
    if (qualifier != enforcement_.base_schema()) return nullptr;
    const TableFacts* const table = enforcement_.base_table(name);
    return table != nullptr ? &table->base : nullptr;
}

bool GuardedSchema::function_allowed(std::string_view name) const {
    return sql::function_facts(name) != nullptr;
}

Result<Rewritten> rewrite(sql::Select& select, std::string_view text, const sql::Resolution& resolution,
                          const Enforcement& enforcement) {
    return Rewriter(text, resolution, enforcement).run(select);
}

Result<Rewritten> rewrite(sql::Write& write, std::string_view text, const sql::Resolution& resolution,
                          const Enforcement& enforcement, const Profile& profile) {
    return Rewriter(text, resolution, enforcement).run(write, profile);
}

Result<void> verify(const Rewritten& rewritten, const sql::Resolution& original,
                    const Enforcement& enforcement, sql::Parser& parser) {
    const auto parsed = parser.parse(rewritten.sql);
    if (!parsed) return unverified(parsed.error());
    const GuardedSchema schema(enforcement);
    sql::Resolution resolution(&parser.arena());
    resolution.budget = parser.budget();
    const auto resolved = sql::resolve(**parsed, rewritten.sql, schema, parser.arena(), resolution);
    if (!resolved) return unverified(resolved.error());
    if (protected_references(resolution) != protected_references(original)) return unverified();
    // What will be decrypted is what the guard views say is encrypted.
    if (resolution.encryptions != original.encryptions) return unverified();
    for (const sql::FromItem* item : resolution.relations) {
        if (item->relation->table_function) continue;
        const auto& views = rewritten.guard_views;
        if (std::find(views.begin(), views.end(), item->name.value) == views.end()) return unverified();
    }
    return {};
}

}  // namespace majed::rewrite
