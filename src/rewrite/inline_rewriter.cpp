// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_rewriter.h"

#include "core/ascii.h"
#include "rewrite/grouped_keys.h"
#include "rewrite/guard_plan.h"
#include "rewrite/inline_names.h"
#include "rewrite/inline_parameters.h"
#include "rewrite/inline_write_plan.h"
#include "rewrite/oracle_rewriter.h"
#include "rewrite/quoting.h"
#include "rewrite/splice.h"
#include "rewrite/unverified.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace majed::rewrite {
namespace {

class InlineRewriter {
public:
    InlineRewriter(std::string_view text, const sql::Resolution& resolution, const Enforcement& enforcement,
                   std::size_t caller_parameters)
        : text_(text),
          resolution_(resolution),
          enforcement_(enforcement),
          plan_(resolution.scratch()),
          parameters_(caller_parameters),
          splicer_(resolution.scratch()) {
        result_.caller_parameters = caller_parameters;
        result_.guard_views.reserve(resolution.relations.size());
        parameters_.expect(resolution.relations.size());
    }

    Result<Rewritten> run(sql::Select& select) {
        if (resolution_.locks) {
            return Error{ErrorCode::denied, "rows cannot be locked: FOR UPDATE and the like are not allowed"};
        }
        if (must_guard()) plan_ = plan_guards(select, guards_of_servers(resolution_));
        MAJED_TRY(edit());
        return finished();
    }

    Result<Rewritten> run(sql::Write& write, const Profile& profile) {
        if (resolution_.locks) {
            return Error{ErrorCode::denied, "rows cannot be locked: FOR UPDATE and the like are not allowed"};
        }
        if (must_guard()) plan_ = plan_guards(write, guards_of_servers(resolution_));
        const WriteTarget& target = profile.target(*resolution_.target->relation);
        MAJED_TRY_ASSIGN(InlineWritePlan own,
                         plan_inline_write({write, resolution_, target}, plan_, enforcement_, parameters_));
        for (const WriteEdit& edit : own.first) splicer_.replace(edit.span, edit.text);
        MAJED_TRY(edit());
        for (const WriteEdit& edit : own.last) splicer_.replace(edit.span, edit.text);
        result_.note_view(target.facts->base.schema + "." + target.facts->base.name);
        result_.write = std::move(own.grant);
        result_.conditions = std::move(own.conditions);
        return finished();
    }

private:
    /// The server's own row-level security lets nothing run before it that may fail.
    [[nodiscard]] bool must_guard() const {
        return resolution_.filtered && enforcement_.enforcer() == Enforcer::gateway;
    }

    /// Wrappers open before and close after what they hold, names come after that, a limit last.
    Result<void> edit() {
        for (const GuardedExpression& guarded : plan_.expressions) wrap(guarded);
        for (const sql::ResultColumn* star : plan_.stars)
            append_written_out(splicer_.replacing(star->span), *star);
        for (const sql::FromItem* item : resolution_.relations) MAJED_TRY(reference(*item));
        qualifiers();
        group_beside_keys(resolution_, enforcement_, splicer_);
        // No limit, but the server moves no condition through it.
        for (const sql::Select* limited : plan_.limits) splicer_.insert(limited->span.end, " OFFSET 0");
        return {};
    }

    Result<Rewritten> finished() {
        if (parameters_.highest() > most_parameters)
            return Error{ErrorCode::too_large, "the statement has too many parameters"};
        result_.attributes = std::move(parameters_).take();
        result_.sql = splicer_.apply(text_);
        return std::move(result_);
    }

    void wrap(const GuardedExpression& guarded) {
        const sql::Span span = guarded.expr->span;
        std::pmr::string& text = splicer_.inserting(span.begin);
        std::string_view before = "CASE WHEN ";
        for (const std::size_t passed : plan_.passed_of(guarded)) {
            text += std::exchange(before, " AND ");
            append_passed(text, enforcement_.passed_column(), passed);
            // NULL: the row was made by an outer join and hides nothing.
            text += " IS NOT FALSE";
        }
        // Always so, which the planner does not know.
        if (guarded.count == 0) text += "CASE WHEN pg_catalog.now() IS NOT NULL";
        text += " THEN (";
        splicer_.insert(span.end, ") END");
    }

    Result<void> reference(const sql::FromItem& item) {
        const Variant& variant = enforcement_.variant(*item.relation);
        result_.note_view(variant.view);
        if (variant.inlined.whole) return {};
        if (!item.sample.empty() || item.only) {
            const std::string what = item.only ? "ONLY" : "TABLESAMPLE";
            return Error{ErrorCode::unsupported, what + " is not possible on " + variant.relation.name +
                                                     ", whose rows are filtered or masked"}
                .at(item.span.begin);
        }
        for (const sql::Core* core : resolution_.table_cores) {
            // TABLE takes a name and nothing else.
            if (core->from.first == &item)
                splicer_.replace({core->span.begin, item.reference.begin}, "SELECT * FROM ");
        }
        MAJED_TRY(descendants_mark(item));
        std::pmr::string& target = splicer_.replacing(item.reference);
        append_query(variant.inlined, item, target);
        if (splicer_.added() > sql::limits::added_bytes) return too_large_with_rules();
        if (item.alias.present()) return {};
        target += " AS ";
        append_quoted(target, item.name.value);
        return {};
    }

    /// t * is t and what inherits from it, as t is; a query takes no such mark.
    Result<void> descendants_mark(const sql::FromItem& item) {
        const std::uint32_t begin = item.reference.end;
        const std::uint32_t end = item.alias.present() ? item.alias.span.begin : item.span.end;
        const std::string_view between = text_.substr(begin, std::max(begin, end) - begin);
        const std::size_t star = between.find('*');
        if (star == std::string_view::npos) return {};
        if (between.find_first_not_of(" \t\n\r\f") != star) {
            return Error{ErrorCode::unsupported, "nothing may stand between a table's name and *"}.at(begin);
        }
        const auto at = begin + static_cast<std::uint32_t>(star);
        splicer_.replace({at, at + 1}, "");
        return {};
    }

    void append_query(const InlineView& view, const sql::FromItem& item, std::pmr::string& into) {
        into += "(SELECT ";
        parameters_.fill_into(into, view.columns);
        if (const GuardedItem* const guarded = plan_.guarded(item)) {
            into += ", ((";
            parameters_.fill_into(into, view.predicate);
            into += "\n) IS TRUE) AS ";
            append_passed(into, enforcement_.passed_column(), guarded->passed);
        }
        into.append(view.from).append(view.alias);
        const bool filters = !view.predicate.text.empty();
        if (filters) {
            into += " WHERE (";
            parameters_.fill_into(into, view.predicate);
            // The line break ends a comment the operator may have left at the end of the predicate.
            into += "\n)";
        }
        // No server turns this into a join.
        if (plan_.tests_at_once && !view.other_tables.empty() && filters) into += " IS TRUE";
        into += plan_.has_barrier(item) ? " OFFSET 0)" : ")";
    }

    /// A write's target keeps its own name.
    [[nodiscard]] bool becomes_query(const sql::FromItem& item) const {
        return &item != resolution_.target && item.relation != nullptr && enforcement_.inlines(item);
    }

    /// A query in parentheses has no schema.
    void qualifiers() {
        for (const sql::Expr* column : resolution_.qualified) {
            if (becomes_query(*column->source))
                splicer_.replace({column->schema->span.begin, column->table->span.begin}, "");
        }
        for (const sql::Expr* row : resolution_.qualified_rows) {
            if (becomes_query(*row->source))
                splicer_.replace({row->table->span.begin, row->name.span.begin}, "");
        }
        for (const sql::ResultColumn* star : resolution_.qualified_stars) {
            const bool written = std::find(plan_.stars.begin(), plan_.stars.end(), star) != plan_.stars.end();
            if (star->expanded_count == 0 || written || !becomes_query(*star->expanded[0].source)) continue;
            splicer_.replace({star->schema.span.begin, star->table.span.begin}, "");
        }
    }

    std::string_view text_;
    const sql::Resolution& resolution_;
    const Enforcement& enforcement_;
    GuardPlan plan_;
    InlineParameters parameters_;
    Splicer splicer_;
    Rewritten result_;
};

}  // namespace

std::size_t highest_parameter(const sql::Parser& parser) {
    std::size_t highest = 0;
    for (const sql::Token& token : parser.tokens()) {
        if (token.kind != sql::TokenKind::bind) continue;
        const std::string_view digits = token.span().in(parser.text()).substr(1);
        std::size_t number = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        const bool read = problem == std::errc() && end == digits.data() + digits.size();
        highest = std::max(highest, read ? number : most_parameters + 1);
    }
    return highest;
}

Result<Rewritten> rewrite_inline(sql::Select& select, std::string_view text,
                                 const sql::Resolution& resolution, const Enforcement& enforcement,
                                 std::size_t caller_parameters) {
    return InlineRewriter(text, resolution, enforcement, caller_parameters).run(select);
}

Result<Rewritten> rewrite_inline(sql::Write& write, const sql::Parser& parser,
                                 const sql::Resolution& resolution, const Enforcement& enforcement,
                                 const Profile& profile) {
    return InlineRewriter(parser.text(), resolution, enforcement, highest_parameter(parser))
        .run(write, profile);
}

Result<void> verify_inline(const Rewritten& rewritten, const sql::Resolution& original,
                           const Enforcement& enforcement, const sql::Schema& profile, sql::Parser& parser) {
    const auto parsed = parser.parse(rewritten.sql);
    if (!parsed) return unverified(parsed.error());
    const InlinedNames names(enforcement, profile);
    sql::Resolution resolution(&parser.arena());
    resolution.budget = parser.budget();
    const auto resolved = sql::resolve(**parsed, parser, names, resolution);
    if (!resolved) return unverified(resolved.error());
    const bool as_expected =
        found_reads(resolution, enforcement.inline_alias()) == expected_reads(original, enforcement);
    const bool bound = enforcement.dialect().id == sql::DialectId::oracle
                           ? oracle_binds_fit(parser, rewritten, enforcement.guard_set()->bind_prefix)
                           : parameters_fit(rewritten, parser);
    return as_expected && bound ? Result<void>() : unverified();
}

}  // namespace majed::rewrite
