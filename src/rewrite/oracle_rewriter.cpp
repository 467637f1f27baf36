// SPDX-License-Identifier: Apache-2.0
#include "rewrite/oracle_rewriter.h"

#include "core/ascii.h"
#include "core/short_text.h"
#include "core/utf8.h"
#include "rewrite/barrier_plan.h"
#include "rewrite/inline_parameters.h"
#include "rewrite/oracle_write_plan.h"
#include "rewrite/quoting.h"
#include "rewrite/splice.h"
#include "rewrite/unverified.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace majed::rewrite {
namespace {

/// Of our parameter `number`, from 1, in `room`, which was empty.
std::string_view bind_name(std::string_view prefix, std::size_t number, ShortText& room) {
    return room.add(prefix).add(number).view();
}

/// The number of a parameter of ours; nullopt for any other name.
std::optional<std::size_t> own_number(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return std::nullopt;
    const std::string_view digits = name.substr(prefix.size());
    std::size_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    ShortText room;
    if (bind_name(prefix, number, room) != name) return std::nullopt;
    return number;
}

/// `:name` is NAME, `:"name"` is name, `: 1` is 1; in `room`, which was empty.
std::string_view named_by_server(std::string_view bind, ShortText& room) {
    bind.remove_prefix(1);
    if (!bind.empty() && bind.front() == '"') return bind.substr(1, bind.size() - 2);
    for (const char c : bind) room.add(ascii_upper(c));
    return room.view();
}

/// What Oracle calls a column of this text: without blanks, in capitals but for what stands in quotes.
std::string heading(std::string_view text) {
    constexpr std::size_t longest = 128;
    std::string name;
    char quote = '\0';
    for (const char c : text) {
        if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        }
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
        if (c == '"' || (quote == '\0' && blank)) continue;  // No name has a quotation mark in it.
        name += quote == '\0' ? ascii_upper(c) : c;
    }
    return std::string(whole_characters(name, longest));
}

class OracleRewriter {
public:
    OracleRewriter(std::string_view text, const sql::Resolution& resolution, const Enforcement& enforcement,
                   const OracleMarks& marks)
        : text_(text),
          resolution_(resolution),
          enforcement_(enforcement),
          marks_(marks),
          parameters_(0, ":" + enforcement.guard_set()->bind_prefix),
          splicer_(resolution.scratch()) {
        result_.guard_views.reserve(resolution.relations.size());
    }

    Result<Rewritten> run(sql::Select& select) {
        MAJED_TRY(check_statement());
        if (resolution_.filtered) barriers_ = plan_barriers(select);
        MAJED_TRY(edit());
        return finished();
    }

    Result<Rewritten> run(sql::Write& write, const sql::Parser& parser, const Profile& profile) {
        MAJED_TRY(check_statement());
        if (resolution_.filtered) barriers_ = plan_barriers(write);
        const WriteTarget& target = profile.target(*resolution_.target->relation);
        const OracleText text{parser, marks_, barriers_.anything};
        MAJED_TRY_ASSIGN(InlineWritePlan own,
                         plan_oracle_write({write, resolution_, target}, text, enforcement_, parameters_));
        target_is_alias_ = !own.conditions.reached.empty() || goes_by_synonym(*resolution_.target, target);
        for (const WriteEdit& each : own.first) splicer_.replace(each.span, each.text);
        MAJED_TRY(edit());
        for (const WriteEdit& each : own.last) splicer_.replace(each.span, each.text);
        result_.note_view(target.facts->base.schema + "." + target.facts->base.name);
        result_.write = std::move(own.grant);
        result_.conditions = std::move(own.conditions);
        return finished();
    }

private:
    [[nodiscard]] Result<void> check_statement() const {
        if (resolution_.locks) {
            return Error{ErrorCode::denied, "rows cannot be locked: FOR UPDATE and the like are not allowed"};
        }
        return check_binds();
    }

    Result<void> edit() {
        for (const sql::FromItem* item : resolution_.relations) MAJED_TRY(reference(*item));
        qualifiers();
        keep_column_names();
        for (const sql::Span terminator : marks_.terminators) splicer_.replace(terminator, "");
        return {};
    }

    Result<Rewritten> finished() {
        result_.attributes = std::move(parameters_).take();
        result_.caller_binds = marks_.binds;
        result_.caller_parameters = marks_.binds.size();
        if (result_.caller_parameters + result_.attributes.size() > most_oracle_binds)
            return Error{ErrorCode::too_large, "the statement has too many parameters"};
        result_.sql = splicer_.apply(text_);
        return std::move(result_);
    }

    [[nodiscard]] std::string_view prefix() const { return enforcement_.guard_set()->bind_prefix; }

    [[nodiscard]] Result<void> check_binds() const {
        for (const std::string& bind : marks_.binds) {
            if (ascii_upper(bind).starts_with(prefix()))
                return Error{ErrorCode::invalid_argument, "a parameter cannot be called " + bind};
        }
        return {};
    }

    Result<void> reference(const sql::FromItem& item) {
        const Variant& variant = enforcement_.variant(*item.relation);
        result_.note_view(variant.view);
        if (variant.inlined.whole) return {};
        if (marks_.hint) {
            return Error{ErrorCode::unsupported,
                         "hints are not possible in a statement that reads " + variant.relation.name +
                             ", whose rows are filtered or masked",
                         "Leave out the comments that begin with +."}
                .at(*marks_.hint);
        }
        if (!item.sample.empty() || item.only) {
            const std::string what = item.only ? "ONLY" : "SAMPLE";
            return Error{ErrorCode::unsupported, what + " is not possible on " + variant.relation.name +
                                                     ", whose rows are filtered or masked"}
                .at(item.span.begin);
        }
        sql::Span replaced = item.reference;
        std::string partition;
        if (!item.partition.empty()) {
            MAJED_TRY(only_literals(item));
            partition = " " + std::string(item.partition.in(text_));
            replaced.end = item.partition.end;
        }
        std::pmr::string& target = splicer_.replacing(replaced);
        append_query(variant, partition, target);
        if (splicer_.added() > sql::limits::added_bytes) return too_large_with_rules();
        if (item.alias.present()) return {};
        target += ' ';
        append_quoted(target, item.name.value);
        return {};
    }

    /// They move into the query with the partition's name; what they compute would not be where it was.
    static Result<void> only_literals(const sql::FromItem& item) {
        const auto& values = item.partition_values;
        const bool plain = std::all_of(values.begin(), values.end(), [](const sql::Expr& value) {
            const bool typed = value.kind == sql::ExprKind::cast && value.left != nullptr;
            return (typed ? *value.left : value).kind == sql::ExprKind::literal;
        });
        if (plain) return {};
        return Error{ErrorCode::unsupported,
                     "PARTITION FOR takes literals only on a table whose rows are filtered or masked",
                     "Write the value, as in DATE '2025-01-31', or the partition's name."}
            .at(item.partition.begin);
    }

    void append_query(const Variant& variant, std::string_view partition, std::pmr::string& into) {
        const InlineView& view = variant.inlined;
        const bool barrier = variant.relation.filtered &&
                             (barriers_.conditions || (barriers_.anything && !view.other_tables.empty()));
        into += "(SELECT ";
        parameters_.fill_into(into, view.columns);
        into.append(view.from).append(partition).append(view.alias);
        if (!view.predicate.text.empty()) {
            into += " WHERE (";
            parameters_.fill_into(into, view.predicate);
            // The line break ends a comment the operator may have left at the end of the predicate.
            into += "\n)";
        }
        if (barrier) into += view.predicate.text.empty() ? " WHERE ROWNUM >= 1" : " AND ROWNUM >= 1";
        into += ')';
    }

    /// A query in parentheses has no schema, nor has an alias.
    void qualifiers() {
        for (const sql::Expr* column : resolution_.qualified) {
            const bool unqualified =
                column->source == resolution_.target
                    ? target_is_alias_
                    : column->source->relation != nullptr && enforcement_.inlines(*column->source);
            if (unqualified) splicer_.replace({column->schema->span.begin, column->table->span.begin}, "");
        }
        for (const sql::ResultColumn* star : resolution_.qualified_stars) {
            if (star->expanded_count == 0 || !enforcement_.inlines(*star->expanded[0].source)) continue;
            splicer_.replace({star->schema.span.begin, star->table.span.begin}, "");
        }
    }

    /// A column without an alias is called like its text, which the rule must not become a part of: JSON_OBJECT(*) around
    /// it would show that as a value.
    void keep_column_names() {
        std::pmr::vector<const sql::Expr*> touched(resolution_.scratch());
        for (const sql::ResultColumn* column : resolution_.unnamed) {
            const bool plain = column->expr->binding == sql::Binding::column;
            if (!plain && splicer_.touches(column->expr->span)) touched.push_back(column->expr);
        }
        for (const sql::Expr* expr : touched)
            splicer_.insert(expr->span.end, " " + quoted_name(heading(expr->span.in(text_))));
    }

    std::string_view text_;
    const sql::Resolution& resolution_;
    const Enforcement& enforcement_;
    const OracleMarks& marks_;
    InlineParameters parameters_;
    BarrierPlan barriers_;
    bool target_is_alias_ = false;
    Splicer splicer_;
    Rewritten result_;
};

/// The offset of a comment in `gap` that begins with a plus.
std::optional<std::uint32_t> hint_in(std::string_view text, std::uint32_t begin, std::uint32_t end) {
    const std::string_view gap = text.substr(begin, end - begin);
    const std::size_t found = std::min(gap.find("/*+"), gap.find("--+"));
    if (found == std::string_view::npos) return std::nullopt;
    return begin + static_cast<std::uint32_t>(found);
}

}  // namespace

OracleMarks oracle_marks(const sql::Parser& parser) {
    OracleMarks marks;
    std::uint32_t behind = 0;
    for (const sql::Token& token : parser.tokens()) {
        if (!marks.hint) marks.hint = hint_in(parser.text(), behind, token.offset);
        behind = token.span().end;
        if (token.kind == sql::TokenKind::semicolon) marks.terminators.push_back(token.span());
        if (token.kind != sql::TokenKind::bind) continue;
        ShortText room;
        const std::string_view name = named_by_server(token.span().in(parser.text()), room);
        if (std::find(marks.binds.begin(), marks.binds.end(), name) == marks.binds.end())
            marks.binds.emplace_back(name);
    }
    return marks;
}

Result<Rewritten> rewrite_oracle(sql::Select& select, std::string_view text,
                                 const sql::Resolution& resolution, const Enforcement& enforcement,
                                 const OracleMarks& marks) {
    return OracleRewriter(text, resolution, enforcement, marks).run(select);
}

Result<Rewritten> rewrite_oracle(sql::Write& write, const sql::Parser& parser,
                                 const sql::Resolution& resolution, const Enforcement& enforcement,
                                 const Profile& profile) {
    const OracleMarks marks = oracle_marks(parser);
    return OracleRewriter(parser.text(), resolution, enforcement, marks).run(write, parser, profile);
}

bool oracle_binds_fit(const sql::Parser& parser, const Rewritten& rewritten, std::string_view bind_prefix) {
    std::vector<std::string_view> callers(rewritten.caller_binds.begin(), rewritten.caller_binds.end());
    std::sort(callers.begin(), callers.end());
    // Those of the caller, then ours.
    const std::size_t all = callers.size() + rewritten.attributes.size();
    std::vector<bool> seen(all);
    for (const sql::Token& token : parser.tokens()) {
        if (token.kind != sql::TokenKind::bind) continue;
        ShortText room;
        const std::string_view name = named_by_server(token.span().in(parser.text()), room);
        std::size_t place = all;
        if (const auto number = own_number(name, bind_prefix)) {
            if (*number > 0 && *number <= rewritten.attributes.size()) place = callers.size() + *number - 1;
        } else if (const auto found = std::lower_bound(callers.begin(), callers.end(), name);
                   found != callers.end() && *found == name) {
            place = static_cast<std::size_t>(found - callers.begin());
        }
        if (place == all) return false;
        seen[place] = true;
    }
    return std::find(seen.begin(), seen.end(), false) == seen.end();
}

}  // namespace majed::rewrite
